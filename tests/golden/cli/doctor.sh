# weft doctor: every probe has a line; what differs between machines is masked, what this script arranges is not
mask() { sed -E -e '/^ {23}/d' -e 's/^(ok|warn|missing) +(.{15})(.*)( - [^-]*(-[^ ][^-]*)*)$/STATE   \2FOUND\4/'; }
weft doctor | mask
echo "= ${PIPESTATUS[0]}, left: $(ls -A)"
weft doctor --json | sed -E -e 's/("(state|found|means|help)": )".*"/\1"..."/' -e '/"(means|help)"/d' | head -n 12
weft doctor --json | tail -n 3

# programs are looked for on PATH
mkdir bin
for p in podman sinfo sbatch; do printf '#!/bin/sh\necho a version of it\n' > bin/$p; chmod +x bin/$p; done
mkdir bin/bwrap # a directory is no program
weft=$(command -v weft)
PATH=$PWD/bin "$weft" doctor | grep -E '^[a-z]+ +(podman|bubblewrap|Slurm) ' | sed -E "s|$PWD|.|g; s/(cannot unpack an image): .* - /\1: WHY - /"
PATH=/nowhere "$weft" doctor -q | grep -E -A 2 'podman '

# a place that cannot be written is all that is needed and missing
weft -C /proc doctor -q | grep -E '^missing workspace|needs'
echo "= ${PIPESTATUS[0]}"
weft doctor now
echo "= $?"
