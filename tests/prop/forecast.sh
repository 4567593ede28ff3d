#!/bin/sh
# forecast.sh [ROUNDS] - forecast.py as a test
python3 "${0%/*}/forecast.py" "${WEFT:-build/release/weft}" "${1:-60}" || exit 1
echo "1..1"
