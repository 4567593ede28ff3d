# bench.mk - make bench: how fast and how big; not a part of make check.  BENCH_TASKS=100000 BENCH_RUNS=9
$(B)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=c11 $(WARN) -O2 -o $@ $<

.PHONY: bench
bench: $(B)/weft $(B)/bench/timeit $(B)/bench/gen
	sh tests/bench/bench.sh $(B)
