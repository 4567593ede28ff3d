# a shared file system that shows things late: files are waited for by name and size, on both sides, and not for ever
. "${0%/*}/lib.sh" || exit 1
command -v python3 > /dev/null || skip "no python3"
[ "$(id -u)" = 0 ] && unshare -m true 2> /dev/null || skip "hiding files from one side needs root and mount namespaces"
mkdir fake ws
# to weft, everything that is no file system of a disk is one of the network
mount -t ramfs none ws 2> /dev/null || skip "no ramfs"
FAKE=
trap 'kill $FAKE 2> /dev/null; umount "$T/ws"; cleanup' EXIT
mkdir ws/in ws/out
cat > ws/w.weft <<'W'
task t {
  in  i = "in/x.txt"
  out o = "out/y.txt"
  run "cp ~{i} ~{o}"
}
W
echo right > ws/in/x.txt
# the machines, on which inputs are hidden
unshare -m sh -c "mount -t tmpfs none $T/ws/in && exec python3 $HERE/slurmrestd.py $T/fake" 2> fake/err &
FAKE=$!
within 20 test -s fake/port || skip "the stand-in does not listen: $(tail -n 1 fake/err)"
WEFT_SLURM=http://127.0.0.1:$(cat fake/port)
export WEFT_SLURM
unset SLURM_JWT
# the driver, to which outputs are hidden
begin() {
	unshare -m sh -c "mount -t tmpfs none $T/ws/out && cd $T/ws && exec '$WEFT' run w.weft --engine slurm" > log 2>&1 </dev/null &
	pid=$!
}
join() {
	wait $pid
	RC=$?
	OUT=$(cat log)
}
marks() { ls ws/.weft/runs/*/remote/"$1" 2> /dev/null | grep -q .; }
begin
check "an attempt has begun" within 20 marks begun
check "and waits for its input" no marks end
nsenter -t $FAKE -m umount "$T/ws/in"
check "which comes into sight" within 20 marks end
check "the attempt has published" same ws/out/y.txt right
nsenter -t $pid -m sh -c "echo cut > $T/ws/out/y.txt"
check "the driver waits for the whole file" kill -0 $pid
nsenter -t $pid -m umount "$T/ws/out"
join
check "and takes it" rc 0

rm -rf ws/.weft ws/out/y.txt
export WEFT_SLURM_PATIENCE=3
begin
join
check "not for ever" rc 1
check "and says what is missing" says 'not in sight here'
finish
