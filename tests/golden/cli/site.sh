# site files: --site over WEFT_SITE over weft.site beside the workflow over the user's own
mkdir project elsewhere config config/weft
cat > project/job.weft <<'E'
task t for i in 1 .. 600 { image = "img-ubuntu-vpc" timeout = 10h run "true" }
E
look() { weft check -q --error-format short "$@" project/job.weft 2>&1 | sed 's/.*\[/[/'; echo "= ${PIPESTATUS[0]}"; }
echo "- none"; look
export XDG_CONFIG_HOME=$PWD/config
echo 'quota { instances = 500 timeout = 20h }' > config/weft/site.weft
echo "- the user's"; look
echo 'quota { instances = 700 }' > project/weft.site
echo "- the project's and the user's"; look
echo 'quota { timeout = 1h instances = 1000 }' > elsewhere/a.site
echo "- WEFT_SITE"; WEFT_SITE=elsewhere/a.site look
echo "- WEFT_SITE empty: none"; WEFT_SITE= look
echo 'quota { timeout = 2h instances = 10 }' > elsewhere/b.site
echo "- --site"; WEFT_SITE=elsewhere/a.site look --site elsewhere/b.site
echo "- missing"; look --site elsewhere/none.site
echo "- beside a workflow in the current directory"; (cd project; weft check -q --error-format short job.weft; echo "= $?")
echo "- with an error"; echo 'quota { instances = "many" }' > project/weft.site; look
echo "- checked itself"; weft check --error-format short project/weft.site; weft check elsewhere/a.site; echo "= $?"

echo "- stores of the site file"
cat > project/weft.site <<'E'
store "oss://bucket" { dir = "../data" }
store other { dir = "nowhere" }
E
mkdir data given
echo hello > data/in.txt; echo given > given/in.txt
cat > project/job.weft <<'E'
task t { mount "oss://bucket/" -> "/home/in/" run "cat /home/in/in.txt" }
E
run() { rm -rf project/.weft; weft run -q "$@" project/job.weft > out 2>&1; echo "= $?"; cat project/.weft/runs/*/logs/stdout*; }
run
echo "- --store is stronger"; run --store oss://bucket=../given

# what tasks may write to besides their own
printf 'engine local {\n  writable = ["cache", "/nowhere/at/all", "/"]\n}\n' > open.site
printf 'task t {\n  run "true"\n}\n' > open.weft
"$WEFT" run --site open.site open.weft
echo "status $?"
