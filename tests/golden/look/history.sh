# history: the newest first, bounded, JSON
export TZ=UTC
weft history; echo "= $?"
mkdir -p .weft && cp "$GOLDEN/journal" .weft/
weft history; echo "= $?"
weft history -n 1; echo "= $?"
weft history -n 1 --json; echo "= $?"
weft history -n 0; echo "= $?"
