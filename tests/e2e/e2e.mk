# e2e.mk - whole runs of the program, as shell scripts.
.PHONY: check-e2e
check-e2e: $(B)/weft
	@WEFT=$(abspath $(B))/weft bash tests/e2e/run.sh
