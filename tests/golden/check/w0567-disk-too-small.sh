# the disk of a task against the files that are known: inputs, package, outputs of the last run (files with holes)
cat > job.weft <<'E'
table samples = [{ id = "a", r = "a.fq" }, { id = "b", r = "b.fq" }]

defaults { image = "img-ubuntu-vpc" machine = "ecs.sn1.medium" }

task align for s in samples by id {
  in  ref   = "ref.fa"
  in  reads = file(s.r)
  out bam   = "~{s.id}.bam"
  disk { system { size = 60GB } }
  run "sh align.sh"
}

task data {
  in  ref  = "ref.fa"
  out copy = "copy.fa"
  disk { data { size = 100GB mount = "/data" } }
  run "sh data.sh"
}
E
truncate -s 20G ref.fa; truncate -s 10G a.fq; truncate -s 41G b.fq
echo "- nothing but inputs"; weft check job.weft; echo "= $?"
truncate -s 90G copy.fa
echo "- with the outputs of the last run"; weft check --error-format short job.weft; echo "= $?"
truncate -s 10G b.fq; rm copy.fa
echo "- enough"; weft check job.weft; echo "= $?"
truncate -s 50G pack.tar.gz
printf '[DEFAULT]\ncluster = img=img-ubuntu:type=ecs.sn1.medium\npack = ./pack.tar.gz\n[a]\ncmd = x\ndisk = system:cloud:40\n' > job.cfg
echo "- job.cfg: the package"; weft check --error-format short job.cfg; echo "= $?"
