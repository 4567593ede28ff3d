# bench.mk - make bench: how fast and how big; not a part of make check.  BENCH_TASKS=100000 BENCH_RUNS=9
$(B)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=c11 $(WARN) -O2 -o $@ $<

$(B)/bench/checks $(B)/bench/image $(B)/bench/history: $(B)/bench/%: tests/bench/%.c $(B)/libweft.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libweft.a $(LDLIBS)

$(B)/bench/notify: tests/bench/notify.c $(B)/libweft.a tests/unit/httpd.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libweft.a $(LDLIBS) -lcurl

.PHONY: bench bench-docker bench-notify bench-checks bench-rerun bench-store bench-docker bench-report bench-slurm-scale bench-slurm
# pages of large runs, beside a program that only reads the journal
bench-report: $(B)/weft $(B)/bench/timeit $(B)/bench/history
	@sh tests/bench/report.sh $(B)
# notifications delivered, beside a bare libcurl loop
bench-notify: $(B)/weft $(B)/bench/notify
	@sh tests/bench/notify.sh $(B)
# beside sbatch called by hand; only where a Slurm can be started
bench-slurm: $(B)/weft
	@bash tests/bench/slurm.sh $(abspath $(B))
# copies beside cp -r
bench-store: $(B)/weft
	@sh tests/bench/store.sh $(B)
# containers, beside runc and podman run by hand
bench-docker: $(B)/weft
	@bash tests/bench/docker.sh $(B)
# the driver while 100,000 instances wait and run on Slurm
bench-slurm-scale: $(B)/weft
	@sh tests/bench/slurm-scale.sh $(B)
# what is out of date, beside ninja and make, in three shapes and three sizes
bench-rerun: $(B)/weft $(B)/bench/timeit $(B)/bench/statloop
	@.ci/deps bench
	@sh tests/bench/rerun.sh $(B)
# only what the checks cost, at four sizes
bench-checks: $(B)/bench/checks $(B)/bench/gen
	@dir=$$(mktemp -d) && $(B)/bench/checks $(abspath $(B)/bench/gen) $$dir $(BENCH_LARGEST); rc=$$?; rm -rf $$dir; exit $$rc
bench: $(B)/weft $(B)/bench/timeit $(B)/bench/gen $(B)/bench/checks $(B)/bench/dispatch $(B)/bench/image
	sh tests/bench/bench.sh $(B)
	@$(MAKE) --no-print-directory -s bench-rerun bench-notify bench-store bench-report bench-slurm-scale bench-slurm
