# values of a job.cfg that use each other grow past every limit
{
	echo '[count]'
	printf 'a = %0100d\n' 0
	for k in b:a c:b d:c e:d f:e; do
		printf '%s = ' ${k%:*}
		for i in 1 2 3 4 5 6 7 8 9 10 11 12; do printf '%%(%s)s' ${k#*:}; done
		echo
	done
	echo 'cmd = sh count.sh %(f)s'
} > job.cfg
"$WEFT" check --error-format short job.cfg
