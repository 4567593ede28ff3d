# two groups of 2,100 tasks joined by one arrow
{
	echo '[DEFAULT]'
	echo 'cmd = true'
	echo "deps = $(seq -s, -f 'a%.0f' 2100)->$(seq -s, -f 'b%.0f' 2100)"
	seq -f '[a%.0f]' 2100
	seq -f '[b%.0f]' 2100
} > job.cfg
"$WEFT" check --error-format short job.cfg
