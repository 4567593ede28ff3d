# a damaged journal is read up to the damage, and said; one that is none knows nothing; a newer one is refused
export TZ=UTC
mkdir .weft && cp "$GOLDEN/journal" .weft/
size=$(stat -c %s .weft/journal)
printf '\377' | dd of=.weft/journal bs=1 seek=$((size - 3)) conv=notrunc status=none
weft history; echo "= $?"
truncate -s -1 .weft/journal
cp "$GOLDEN/journal" .weft/ && truncate -s -1 .weft/journal
weft history; echo "= $?"
echo "no journal" > .weft/journal
weft history; echo "= $?"
rm .weft/journal && mkdir .weft/journal
weft history; echo "= $?"
