# logs: the last attempt, an earlier one, of another run, one stream, the end of one; a silent success; what is not there
mkdir -p .weft/runs/0001/logs .weft/runs/0002/logs .weft/runs/0003/work/greet.6.1
cp "$GOLDEN/journal" .weft/
id=job-0123456789abcdef0123456789abcdef
echo "run 1 out" > .weft/runs/0001/logs/stdout.$id.greet.0
echo "run 1 err" > .weft/runs/0001/logs/stderr.$id.greet.0
echo "second out" > .weft/runs/0002/logs/stdout.$id.greet.0
printf 'second err\n' > .weft/runs/0002/logs/stderr.$id.greet.0
echo "first out" > .weft/runs/0002/logs/stdout.$id.greet.0.attempt-1
printf 'one\ntwo\nthree' > .weft/runs/0002/logs/stdout.$id.all.0
printf 'lost\nout\n' > .weft/runs/0003/work/greet.6.1/stdout
weft logs 'greet[0]' 2>err; echo "= $?"; cat err
weft logs 'greet[0]' --stderr; echo "= $?"
weft logs 'greet[0]' --stdout; echo "= $?"
weft logs 'greet[0]' --attempt 1; echo "= $?"
weft logs 'greet[0]' --run 1 --stdout; echo "= $?"
weft logs all --tail 2; echo "= $?"
weft logs 'greet[6]' --tail 1 -f; echo "= $?"
weft logs greet; echo "= $?"
weft logs greet --run 1; echo "= $?"
weft logs gret; echo "= $?"
weft logs 'greet[99]'; echo "= $?"
weft logs 'all[1]'; echo "= $?"
weft logs 'greet[0]' --attempt 3; echo "= $?"
weft logs all --run 1; echo "= $?"
weft logs 'greet[10]'; echo "= $?"
weft logs 'greet[10]' --run 1; echo "= $?"
weft logs; echo "= $?"
weft logs a b; echo "= $?"
weft logs all --tail x; echo "= $?"
