# tests.mk - the test targets.  make check runs all of them; every part also runs alone as make check-PART.
# The first two read the source alone: once, with the plain build, is enough.
PARTS := $(if $(filter asan,$(BUILD)),,layers lint) $(patsubst tests/%/,%,$(dir $(wildcard tests/unit/*.mk))) golden corpus i18n docs \
	$(sort $(patsubst tests/%/,%,$(dir $(wildcard tests/prop/*.mk tests/fuzz/*.mk tests/fault/*.mk)))) e2e
WEFTBIN := $(abspath $(B)/weft)

# leaks of fontconfig are known and suppressed: no table of them in the output
export LSAN_OPTIONS := print_suppressions=0

include $(wildcard tests/*/*.mk)

.PHONY: check layers lint $(PARTS:%=check-%) golden-update
check:
	@.ci/deps build demo test
	@$(MAKE) --no-print-directory -s -j$$(nproc) all
	@MAKE="$(MAKE)" tests/check.sh $(PARTS)

layers check-layers:
	@tests/layers.sh
lint check-lint:
	@CC="$(CC)" tests/lint.sh
check-golden: $(B)/weft
	@WEFT=$(WEFTBIN) tests/golden/run.sh
golden-update: $(B)/weft
	@WEFT=$(WEFTBIN) tests/golden/run.sh -u
check-docs: $(B)/weft
	@WEFT=$(WEFTBIN) tests/docs.sh
