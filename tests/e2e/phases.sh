# what a command can do to outlive its limits: whichever phase it is in, the time limit ends it and all below it
. "${0%/*}/lib.sh" || exit 1

mkdir ws && cd ws || exit 1
cat > wf.weft <<W
defaults {
  timeout = 1s
}
task opening {
  run {
    mkfifo fifo
    exec 3< fifo
  }
}
task stopped {
  run {
    kill -STOP \$\$
    sleep $MARK
  }
}
task spinning {
  run {
    while :; do :; done
  }
}
task writing {
  out o = "written.txt"
  run {
    echo partial > ~{o}
    while :; do echo line; done > /dev/null & sleep $MARK
  }
}
task daemon {
  run {
    (setsid sh -c '(setsid sleep $MARK </dev/null >/dev/null 2>&1 &) ; exec sleep $MARK' </dev/null >/dev/null 2>&1 &)
    sleep $MARK
  }
}
task deaf {
  run {
    trap '' TERM HUP INT
    setsid sh -c 'trap "" TERM; sleep $MARK; sleep $MARK' &
    while :; do sleep $MARK; done
  }
}
task talking {
  run {
    trap 'while :; do sleep $MARK; done' TERM
    sleep $MARK & wait
  }
}
W
for how in "" --no-sandbox; do
	rm -rf .weft written.txt
	run wf.weft -k -j 8 $how
	check "all end${how:+ ($how)}" rc 1
	for t in opening stopped spinning writing daemon deaf talking; do
		check "... $t at its time limit" says "FAILED  $t   R104 time limit"
	done
	check "nothing is published" absent written.txt
	check "no process is left" within 5 quiet_now
done

# a daemon of a command that has ended well
cat > daemon.weft <<W
task leaves {
  out o = "done.txt"
  run {
    (setsid sh -c '(setsid sleep $MARK </dev/null >/dev/null 2>&1 &) ; sleep $MARK' </dev/null >/dev/null 2>&1 &)
    echo yes > ~{o}
  }
}
W
for how in "" --no-sandbox; do
	rm -rf .weft done.txt
	run daemon.weft $how
	check "a command that leaves daemons ends well${how:+ ($how)}" rc 0
	check "... with its result" same done.txt yes
	check "... and without its daemons" within 5 quiet_now
done

printf 'task many for i in 0..999 {\n  run "/bin/true"\n}\n' > many.weft
run many.weft -j 64
check "1,000 instances at -j 64" says "1,000 ok"
check "no process is left" within 5 quiet_now
finish
