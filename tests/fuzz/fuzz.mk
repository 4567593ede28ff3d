# fuzz.mk - fuzz targets: one .weft parser and formatter, every front end through the whole compiler, and each kind of
# file or answer that comes from outside.
#   make check-fuzz                replay the corpora and MUTATIONS=300 mutations (SEED=1) a front end, no fuzzer needed
#   make fuzz FUZZ=cfg SECONDS=600 search with libFuzzer (clang); new finds go to tests/fuzz/corpus/, crashes to build/fuzz/
FUZZ_TARGETS := parse weft cfg json each site journal cache package shared slurm spool
FUZZ ?= $(FUZZ_TARGETS)
SECONDS ?= 600
FUZZ_SRC_parse := tests/fuzz/fuzz_weft.c
FUZZ_SRC_weft := tests/fuzz/fuzz_whole.c tests/fuzz/whole.c
FUZZ_SRC_cfg := $(FUZZ_SRC_weft)
FUZZ_SRC_json := $(FUZZ_SRC_weft)
FUZZ_SRC_journal := tests/fuzz/fuzz_journal.c
# those whose inputs are files
$(foreach t,each site cache package shared slurm spool,$(eval FUZZ_SRC_$(t) := tests/fuzz/fuzz_$(t).c tests/fuzz/place.c))
FUZZ_DEF_weft := -DFRONT='"fuzz.weft"'
FUZZ_DEF_cfg := -DFRONT='"fuzz.cfg"'
FUZZ_DEF_json := -DFRONT='"fuzz.json"'
FUZZ_SEED_parse := $(wildcard examples/*/*.weft tests/golden/*/*.weft)
FUZZ_SEED_weft := $(FUZZ_SEED_parse)
FUZZ_SEED_cfg := $(wildcard examples/*/*.cfg tests/golden/*/*.cfg)
FUZZ_SEED_json := $(wildcard examples/*/*.json tests/golden/*/*.json)
FUZZ_SEED_site := $(wildcard examples/*/*.site tests/golden/*/*.site)
REPLAY := $(FUZZ_TARGETS:%=$(B)/tests/fuzz/replay-%)

$(B)/tests/fuzz/replay-%: tests/fuzz/replay.c $(wildcard tests/fuzz/*.c tests/fuzz/*.h) $(B)/libweft.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/fuzz $(FUZZ_DEF_$*) $(CFLAGS) $(LDFLAGS) -o $@ tests/fuzz/replay.c $(FUZZ_SRC_$*) \
		$(B)/libweft.a $(LDLIBS) -lm

MUTATE := $(B)/tests/fuzz/mutate-weft $(B)/tests/fuzz/mutate-cfg $(B)/tests/fuzz/mutate-json
MUTATIONS ?= 300
SEED ?= 1
$(B)/tests/fuzz/mutate-%: tests/fuzz/mutate.c tests/fuzz/whole.c tests/fuzz/whole.h $(B)/libweft.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/fuzz $(FUZZ_DEF_$*) $(CFLAGS) $(LDFLAGS) -o $@ tests/fuzz/mutate.c tests/fuzz/whole.c \
		$(B)/libweft.a $(LDLIBS) -lm

# each file runs in an empty directory: what an input names is not there
.PHONY: check-fuzz $(FUZZ_TARGETS:%=fuzz-%) fuzz
check-fuzz: $(REPLAY) $(MUTATE)
	@MUTATIONS=$(MUTATIONS) SEED=$(SEED) sh tests/fuzz/replay.sh $(foreach t,$(FUZZ_TARGETS),$(abspath $(B)/tests/fuzz/replay-$(t)) \
		$(abspath $(FUZZ_SEED_$(t)) tests/fuzz/corpus/$(t)) --) \
		$(foreach t,weft cfg json,mutate $(abspath $(B)/tests/fuzz/mutate-$(t) $(FUZZ_SEED_$(t))) --)

$(FUZZ_TARGETS:%=build/fuzz/fuzz-%): build/fuzz/fuzz-%: $(wildcard tests/fuzz/*.c tests/fuzz/*.h) build/fuzz/libweft.a
	clang $(CPPFLAGS) -Ibuild/fuzz/gen -Itests/fuzz $(FUZZ_DEF_$*) -std=c11 -O1 -g -fsanitize=address,undefined,fuzzer \
		-o $@ $(FUZZ_SRC_$*) build/fuzz/libweft.a $(LDLIBS) -lm
ifneq ($(BUILD),fuzz)
build/fuzz/libweft.a: FORCE
	@$(MAKE) --no-print-directory BUILD=fuzz $@
endif
FORCE:

fuzz: $(FUZZ:%=fuzz-%)
$(FUZZ_TARGETS:%=fuzz-%): fuzz-%: build/fuzz/fuzz-%
	@mkdir -p tests/fuzz/corpus/$* build/fuzz/seed-$* build/fuzz/empty
	@for f in $(FUZZ_SEED_$*); do cp "$$f" "build/fuzz/seed-$*/$$(echo "$$f" | tr / _)"; done
	cd build/fuzz/empty && ../fuzz-$* -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -max_len=8192 \
		$$(test -e $(CURDIR)/tests/fuzz/fuzz_$*.dict && echo -dict=$(CURDIR)/tests/fuzz/fuzz_$*.dict) \
		-artifact_prefix=$(CURDIR)/build/fuzz/$*- $(CURDIR)/tests/fuzz/corpus/$* ../seed-$*
