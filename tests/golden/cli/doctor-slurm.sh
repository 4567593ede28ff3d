# doctor looks at a Slurm: what it says when all is well, and of tokens, clocks, partitions, limits that are not
mkdir bin
cat > schema <<'J'
{"paths": {"/slurm/v0.0.38/job/submit": {"post": {"requestBody": {"content": {"application/json": {"schema":
 {"properties": {"job": {"properties": {"name": {"type": "string"}, "array": {"type": "string"}, "current_working_directory": {"type": "string"},
  "standard_error": {"type": "string"}, "environment": {"type": "object"}}}}}}}}}},
 "/slurm/v0.0.36/job/submit": {}, "/slurm/v0.0.9/job/submit/": {}, "/slurm/v0.0.38/jobs": {}}}
J
# answers one request on its standard input and output, with the file of the last part of the path
cat > bin/server <<'S'
#!/bin/bash
read -r method path rest
while read -r line && [ -n "${line%$'\r'}" ]; do
	[[ ${line,,} != content-length:* ]] || n=${line//[^0-9]/}
done
[ -z "${n-}" ] || head -c "$n" > request
f=${path##*/}
[ "$f" != openapi ] || f=schema
if [ "$path" = /slurm/v0.0.38/job/submit ]; then
	f=submit
	[ ! -d node ] || cp node/* .weft-doctor.*/ # what a machine would leave there
fi
if [ -e "$f" ]; then s='200 OK'; else s='500 Oops'; f=/dev/null; fi
printf 'HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n' "$s" "$(wc -c < "$f")"
cat "$f"
S
cat > bin/scontrol <<'S'
#!/bin/sh
printf 'Configuration data\nMaxArraySize            = 1001\nMaxJobCount             = 10000\nMinJobAge               = 300 sec\n'
S
chmod +x bin/*
weft=$(command -v weft)
export PATH=$PWD/bin:$PATH
token() { # CLAIMS
	printf 'x.%s.y' "$(printf '%s' "$1" | base64 -w 0 | tr '+/' '-_' | tr -d =)"
}
slurm() { # ARGS...: only what is about the server
	"$weft" doctor --slurm "exec:$PWD/bin/server" "$@" 2>&1 | sed -n "/Slurm endpoint/,\$p" | sed "s|$PWD|.|g"
}
well() {
	echo '{"pings": [{"hostname": "head", "ping": "DOWN"}, {"hostname": "spare", "ping": "UP"}]}' > ping
	echo "{\"statistics\": {\"req_time\": $(date +%s)}}" > diag
	echo '{"partitions": [{"name": "main", "flags": ["default"], "total_nodes": 4, "state": "UP"}, {"name": "gpu", "total_nodes": 1, "state": "DOWN"}]}' > partitions
}
well
SLURM_JWT=$(token '{"sun": "ada", "exp": 99999999999}') slurm | sed -E 's/for [0-9]+ days/for N days/; s/[-+][0-9] s/+0 s/; s/lies on .*( - --engine)/lies SOMEWHERE\1/; /shared files/,/help/{/^ /d}'
echo "--- tokens"
for t in '{"sun": "ada"}' "{\"username\": \"ada\", \"exp\": $(($(date +%s) - 300))}" "{\"sun\": \"ada\", \"exp\": $(($(date +%s) + 1830))}" '[]'; do
	SLURM_JWT=$(token "$t") slurm | grep -A 2 'Slurm token' | grep -v clock
done | grep -v -e slurmctld -e '^--'
token '{"sun": "ada", "exp": 99999999999}' > t
slurm --slurm-token t | grep 'Slurm token' | sed -E 's/for [0-9]+ days/for N days/'
slurm --slurm-token none | head -n 3
export SLURM_JWT=
echo "--- what is wrong with the server"
echo '{"pings": [{"hostname": "head", "pinged": "DOWN"}]}' > ping
echo "{\"statistics\": {\"req_time\": {\"set\": true, \"number\": $(($(date +%s) - 7200))}}}" > diag
printf '{"partitions": [{"name": "m\\u001b[31m", "total_nodes": 4, "state": "UP"}]}' > partitions
echo 'engine slurm { partition = "main" max_array = 5000 }' > weft.site
slurm | sed -E 's/-7[0-9]{3} s/-7200 s/; /shared files/,$d' | sed '1,/Slurm token/d'
echo '[' > ping; rm diag; echo '{}' > partitions
slurm | grep -e slurmctld -e clock -e partitions | grep -v '^ '
echo "--- a job"
cat > submit <<'J'
{"errors": [{"error": "Invalid account", "error_code": 2045}]}
J
slurm --job | grep -A 2 'Slurm machine'
grep -c '"name":"weft-doctor"' request
echo "--- what a machine says of itself, beside what the site file says of it"
echo '{"job_id": 7}' > submit
mkdir node shared
echo n1 > node/host
node() { # NAMESPACES CONTAINERS SITE...
	printf '{"probes": [{"name": "namespaces", "state": "%s"}, {"name": "containers", "state": "%s"}]}' "$1" "$2" > node/seen
	shift 2
	echo "$*" > weft.site
	slurm --job | sed -n '/Slurm machine/,/^[a-z]/p' | grep -v '^weft'
}
: > node/unseen
node ok ok
node warn warn
node warn ok 'engine slurm { mounts = true }'
node ok warn 'engine slurm { mounts = true containers = true }'
node ok ok 'engine slurm { mounts = true containers = true }'
echo 1 > node/unseen
node ok ok 'store "oss://a" { dir = "/" } store "oss://b" { dir = "shared" }'
grep -o '\[ -d [^]]*shared[^]]*\] || echo . >> unseen' request | sed "s|$PWD|.|"
echo 12 > node/unseen
node ok ok
: > node/seen
echo './weft: cannot execute: required file not found' > node/said
slurm --job | grep -A 2 'Slurm machine'
rm -r node shared
rm weft.site
ls -A
echo "--- no server"
rm schema
slurm | tail -n 4
"$weft" doctor --slurm unix:/nowhere/at/all | grep -A 2 'Slurm endpoint'
: > file
"$weft" doctor --slurm "unix:$PWD/file" | grep 'Slurm endpoint' | sed "s|$PWD|.|g"
rm file
"$weft" doctor --slurm "nonsense" | grep -A 2 'Slurm endpoint'
echo 'engine slurm { endpoint = }' > weft.site
"$weft" doctor 2>&1 >/dev/null | head -n 1
