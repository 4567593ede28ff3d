# what comes from the command line and the environment: mappings, parameters by type, precedence
cat > job.weft <<'END'
param parts: int = 3 { doc = "how many parts" min = 1 max = 9 }
param space: size = 1GB
param names: list(string) = ["a"]
param token: secret = "x"
task split {
  out o = "o.txt"
  env { TOKEN = token }
  run "split ~{parts} ~{space} ~{names}"
}
END
sed -i 's/ = "x"$//' job.weft
weft check job.weft
WEFT_PARAM_token=abc WEFT_PARAM_part=5 weft check job.weft
export WEFT_PARAM_token=abc
weft check --set parts=10 job.weft
weft check --set space=5 job.weft
weft check --set space=5min job.weft
weft compile --set space=5MB --set names='["x y", "z"]' job.weft | grep -E '"(CommandLine|Command|parts|space|names)": "'
WEFT_PARAM_parts=4 weft compile job.weft | grep -E '"(CommandLine|Command)": "'
WEFT_PARAM_parts=4 weft compile --set parts=5 --set names=p,q job.weft | grep -E '"(CommandLine|Command)": "'
weft compile job.weft | grep -c abc
weft run -r bucket/data:/home/input job.weft
