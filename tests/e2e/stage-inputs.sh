# inputs are linked in and safe, packages are copies, outputs of any name and kind arrive whole
. "${0%/*}/lib.sh" || exit 1

mkdir -p data/dir pkg/lib store
echo keep > data/in.txt
echo d > data/dir/x
printf '#!/bin/sh\necho "$@" > out/args.txt\necho mine > lib/conf\ncat lib/conf\n' > pkg/prog.sh
echo theirs > pkg/lib/conf
chmod +x pkg/prog.sh
cat > wf.weft <<'W'
defaults { timeout = 1h }
param who: string = "a 'b' \"c\" $d"
task pk {
  package = "./pkg/"
  out o = "out/args.txt"
  run "./prog.sh ~{who}"
}
task odd {
  in a = "data/in.txt", d: dir = "data/dir"
  out o = "-odd name\t\"quoted\" $x.txt"
  out t: dir = "tree"
  run {
    echo changed > data/in.txt || echo refused-file
    echo changed > data/dir/x || echo refused-dir
    echo new > data/beside.txt
    cat ~{a} > ~{o}
    mkdir -p tree/a/b; echo t > tree/a/b/c; ln -s b/c tree/a/link
  }
}
W
run wf.weft
check "packages, inputs and outputs work" rc 0
check "values arrive unsplit" same out/args.txt "a 'b' \"c\" \$d"
check "an instance has its own copy of the package" same pkg/lib/conf theirs
check "an odd name" same "$(printf -- './-odd name\t"quoted" $x.txt')" keep
check "a directory" same tree/a/link t
case $(grep -rh refused .weft/runs/0001/logs | sort | tr '\n' ' ') in
"refused-dir refused-file ") check "an input cannot be written to" same data/in.txt keep ;;
*) echo "# skip inputs are not protected without namespaces" ;;
esac
check "what is not declared stays behind" absent data/beside.txt

mkdir -p "$T/evil/sub"
ln -s /etc/passwd "$T/evil/sub/link"
printf 'task t {\n  package = "./evil/"\n  run "true"\n}\n' > evil.weft
run evil.weft
check "a package with a link to the outside is refused" says "error[E1063]"
printf 'task t {\n  package = "./no-such-thing"\n  run "true"\n}\n' > gone.weft
run gone.weft
check "so is one that is not there" says "E1063"

printf 'task t {\n  package = "oss://b/p.tar.gz"\n  run "cat sub/f"\n}\n' > tar.weft
mkdir sub && echo packed > sub/f && tar czf store/p.tar.gz sub
run tar.weft --store oss://b=store
check "an archive from a store is unpacked" [ "$(cat .weft/runs/*/logs/stdout.*.t.0)" = packed ]
tar czf store/p.tar.gz -P ../"${T##*/}"/sub/f
run tar.weft --store oss://b=store
check "an archive with .. in it is refused" says "E1063"
finish
