# notifications that cannot be sent (W1048) or are not delivered (W1049), and weft notify
unset ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET
cat > job.weft <<'W'
workflow "notified" {
  notify {
    topic    = "jobs"
    endpoint = "http://1234.mns.cn-beijing-internal.aliyuncs.com/"
    events   = ["OnJobFinished", "OnTaskFinished"]
  }
}
task count { run "true" }
W
plain() { sed -e '/^notified: /d' -e 's/\(not delivered ([0-9]*): \).*/\1.../' -e 's#`/.*/key`#`.../key`#' -e 's/\(job_id.: .job-\)[0-9a-f]*/\1.../'; }
echo "- no key"; weft plan job.weft; echo "= $?"
echo "- with one in the environment"
ALIBABA_CLOUD_ACCESS_KEY_ID=id ALIBABA_CLOUD_ACCESS_KEY_SECRET=hush weft plan job.weft | tail -n 1; echo "= $?"
echo "- a key file that holds something else"
echo 'topic jobs { key_file = "key" }' > weft.site
echo one-word > key
weft plan job.weft 2>&1 | plain | head -n 1; echo "= $?"
echo 'topic jobs { url = "http://127.0.0.1:9/hook?secret" wait = 0s }' > weft.site
echo "- nothing is left"; weft notify; echo "= $?"
echo "- nobody listens"; weft run --ui plain job.weft 2>&1 | plain; echo "= ${PIPESTATUS[0]}"
weft notify; echo "= $?"
weft notify --json | plain; echo "= $?"
echo "- sent"; weft notify --flush 2>&1 | plain; echo "= ${PIPESTATUS[0]}"
echo "- with --diagnostics for programs"; weft notify --flush --error-format short 2>&1 | plain; echo "= ${PIPESTATUS[0]}"
echo "- forgotten"; weft notify --drop; echo "= $?"
weft notify; echo "= $?"
weft notify --drop --flush; echo "= $?"
[ -e .weft/notify ] || echo gone
