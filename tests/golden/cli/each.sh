# a command over a table as a .weft file, which means the same; mistakes at their places in the command line
printf 'id\tfile\tsample name\tn\na\tx.txt\tq\t1\nb\ty.txt\tr\t2\n' > s.tsv
printf '"id",n\n"a b",1\n' > s.csv
weft run 'wc -l < {text} > {n_lines}; echo {n} ~{id} ~{basename(row.file)} {other} ${HOME} ${id} ~~{x} | awk '"'{print}'"' >> {n_lines}' --each s.tsv \
	--in 'text=in/{file}' --out 'n_lines=counts/{id}.txt' -p x.sh --emit
echo "= $?"
weft run 'echo {n}' --each s.csv --by n --emit
weft run "echo {id} it's" --each s.tsv --emit > e.weft
weft compile e.weft >job.json && weft run "echo {id} it's" --each s.tsv --emit | weft compile - | diff - job.json && echo same
(echo id; seq 600) > many.tsv # more than the service takes: this is not for it
weft run 'echo {id}' --each many.tsv --emit | tail -n 3
echo "--- mistakes"
weft run 'echo ~{nn} ~{1 +} {id}' --each s.tsv --by sample --in x --out 1=y; echo "= $?"
weft run 'sed -n {p} x{a,b}y {flie} {File} {print} {hlep} > {n_lins}' --each s.tsv --out 'n_lines={ID}.txt'; echo "= $?"
weft run 'echo {id}' --each missing.tsv; echo "= $?"
: > empty.tsv
weft run 'echo' --each empty.tsv; echo "= $?"
printf 'my id\tn\n' > odd.tsv
weft run 'echo {n}' --each odd.tsv; echo "= $?"
weft run 'echo' --each s.json; echo "= $?"
printf 'id\na\na\n' > twice.tsv
weft run 'echo {id}' --each twice.tsv; echo "= $?"
weft run 'echo {id}' --each twice.tsv --by id; echo "= $?"
echo "--- wrong use"
weft run --each s.tsv; echo "= $?"
weft run echo {id} --each s.tsv; echo "= $?"
weft run --by id; echo "= $?"
weft run 'echo' --each s.tsv -f w.weft; echo "= $?"
