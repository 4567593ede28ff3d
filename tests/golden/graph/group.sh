# more than 100 tasks: like names share a box in pictures, never in dot and json
{
	echo 'workflow "group"'
	for i in $(seq 1 150); do
		printf 'task part_%03d {\n  out o = "part/%d.txt"\n  run "true"\n}\n' "$i" "$i"
	done
	for i in $(seq 1 150); do
		printf 'task next%d {\n  in i = part_%03d.o\n  out o = "next/%d.txt"\n  run "true"\n}\n' "$i" "$i" "$i"
	done
	printf 'task last {\n  in a = next7.o, b = part_009.o\n  out o = "last.txt"\n  run "true"\n}\n'
} >group.weft
weft graph group.weft --format mermaid
weft graph group.weft --format dot | grep -c ' -> '
weft graph group.weft --format json | grep -c '"kind": "task"'
