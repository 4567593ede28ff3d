# a secret: warned about on the command line, silent from a file or the environment, never in the output
echo 'param token: secret task t { env { TOKEN = token } run "true" }' > a.weft
weft check --set token=hunter2 a.weft; echo "= $?"
echo hunter2 > file
weft check --secret token=file a.weft; echo "= $?"
WEFT_PARAM_token=hunter2 weft check a.weft; echo "= $?"
weft compile --secret token=file a.weft | grep -c hunter2
weft check --set token=hunter2 --deny warnings a.weft 2>/dev/null; echo "= $?"
