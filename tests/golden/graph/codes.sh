# the codes of drawing
cp "$GOLDEN/one.weft" .
weft graph one.weft --expand olny
echo "status $?"
weft graph one.weft --format svg -o one.svg && head -c 5 one.svg && echo
weft graph one.weft --format png -o one.png && head -c 8 one.png | od -An -c
weft graph one.weft --format pdf -o one.pdf && head -c 5 one.pdf && echo
{
	echo 'workflow "large"'
	a=a
	for i in $(seq 1 2100); do # names without digits, so that nothing can be grouped
		printf 'task t_%s {\n  out o = "%d"\n  run "true"\n}\n' "$(echo "$i" | tr 0-9 a-j)" "$i"
	done
} >large.weft
weft graph large.weft --format svg -o large.svg
echo "status $?"
GVBINDIR=$PWD/none weft graph one.weft --format svg 2>&1 | sed 's/: Layout type.*//'
mkdir lib
: >lib/libcgraph.so.6
export LD_LIBRARY_PATH=$PWD/lib
weft graph one.weft --format dot 2>&1 | sed "s|$PWD|.|"
weft graph one.weft --format mermaid
