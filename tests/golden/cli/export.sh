# export: what is refused, all of it at once and before anything is there; what DIR may be; the list of commands
cat > bad.weft <<'W'
param token: secret
task globs {
  out g[] = glob("*.txt")
  run "touch a.txt"
}
task each for f in globs.g {
  in  i = f
  run "cat ~{i}"
}
task mounts {
  mounts { mount "oss://bucket/in/" -> "/home/in/" }
  run "ls /home/in"
}
task settings {
  slurm {
    mail_usr = "me"
    array = "0-3"
    exclusive = "perhaps"
    comment = "fine"
  }
  run "echo ~{token}"
}
W
mkdir in
WEFT_PARAM_token=x weft export sbatch new bad.weft --allow warnings --store oss://bucket=in
echo "= $?, left: $(ls)"
echo 'task t { run "true" }' > ok.weft
mkdir mine empty
echo precious > mine/notes
weft export sbatch mine ok.weft; echo "= $?"
weft export sbatch ok.weft ok.weft; echo "= $?"
weft export sbatch /proc/no ok.weft; echo "= $?"
weft export sbatch empty ok.weft; echo "= $?"
touch empty/more
weft export sbatch empty ok.weft; echo "= $?, $(ls -A empty | tr '\n' ' ')"
ls -A

# the command line
weft export; echo "= $?"
weft export tarball ok.weft; echo "= $?"
weft export sbatch; echo "= $?"
weft export sbatch new ok.weft t; echo "= $?"
weft export sbatch new ok.weft -o x; echo "= $?"

# commands: one object for each instance, what is not known is said
cat > list.weft <<'W'
param greeting = "hello"
task say for w in ["a b", "c"] {
  in_place = false
  out o = "out/~{w}.txt"
  env { LOUD = "yes" }
  run {
    echo ~{greeting} ~{w} > ~{o}
  }
}
task globs {
  in  parts = say[*].o
  out g[] = glob("*.txt")
  run "split ~{parts}"
}
task each for f in globs.g {
  in  i = f
  run "cat ~{i}"
}
W
weft export commands list.weft | sed "s|$PWD|WORKSPACE|"
weft export commands list.weft -o list.json; echo "= $?"
weft export commands list.weft | cmp - list.json && echo same
