# completion scripts load, and complete commands, options and values
weft completions bash > c.bash
bash -n c.bash && echo "bash: ok"
complete_words() {
	bash -c '. ./c.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _weft; echo "${COMPREPLY[*]}"' bash "$@"
}
complete_words weft ch
complete_words weft check --err
complete_words weft check --error-format s
complete_words weft run --no
complete_words weft graph --format p
complete_words weft completions ''
complete_words weft help comp
weft completions zsh | head -n 1
weft completions fish | grep -vc '^complete -c weft\|^#' || :
# an operand too many is not passed over
weft completions bash zsh; echo "= $?"
weft help check run; echo "= $?"
# engines, tasks and instances that ran here, whatever they are called; files with blanks
complete_words weft run --engine s
complete_words weft run --engine = l
cat > job.weft <<'E'
task count for n in ["a", "b c", "$(touch expanded)", "d\ne"] {
  run { echo x }
}
task sum {
  run "true"
}
E
weft run -qj1 > /dev/null 2>&1
weft completions tasks
words() {
	bash -c '. ./c.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _weft; printf "<%s>" "${COMPREPLY[@]}"; echo' bash "$@"
}
words weft logs ''
words weft logs 'count\[b'
touch 'summary of it'
words weft plan sum
words weft check s
[ -e expanded ] || echo 'nothing was expanded'
