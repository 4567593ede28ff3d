# status: nothing yet, a run that was killed, from a subdirectory, JSON
export TZ=UTC
weft status; echo "= $?"
weft status --json; echo "= $?"
mkdir -p .weft sub && cp "$GOLDEN/journal" .weft/
weft status; echo "= $?"
(cd sub && weft status --json); echo "= $?"
weft status x; echo "= $?"
