# the codes of drawing
cp "$GOLDEN/one.weft" .
weft graph one.weft --expand olny
echo "status $?"
weft graph one.weft --format svg -o one.svg && head -c 5 one.svg && echo
weft graph one.weft --format png -o one.png && head -c 8 one.png | od -An -c
weft graph one.weft --format pdf -o one.pdf && head -c 5 one.pdf && echo
awk 'BEGIN { # names without digits, so that nothing can be grouped
	print "workflow \"large\""
	for (i = 1; i <= 2100; i++) {
		name = ""
		for (k = 1; k <= length(i); k++)
			name = name substr("abcdefghij", substr(i, k, 1) + 1, 1)
		printf "task t_%s {\n  out o = \"%d\"\n  run \"true\"\n}\n", name, i
	}
}' >large.weft
weft graph large.weft --format svg -o large.svg
echo "status $?"
GVBINDIR=$PWD/none weft graph one.weft --format svg 2>&1 | sed 's/: Layout type.*//'
mkdir lib
: >lib/libcgraph.so.6
export LD_LIBRARY_PATH=$PWD/lib
weft graph one.weft --format dot 2>&1 | sed "s|$PWD|.|"
weft graph one.weft --format mermaid
