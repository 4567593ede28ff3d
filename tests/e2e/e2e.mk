# e2e.mk - whole runs of the program, as shell scripts.
.PHONY: check-e2e
check-e2e: $(B)/weft $(B)/fault/inject.so
	@WEFT=$(abspath $(B))/weft bash tests/e2e/run.sh
# what takes long on a Slurm: many kills, losses, limits, a server that lies
.PHONY: torture-slurm torture
torture: torture-slurm
torture-slurm: $(B)/weft
	@WEFT_TORTURE=yes E2E_TIMEOUT=900 WEFT=$(abspath $(B))/weft bash tests/e2e/run.sh slurm-kills slurm-crash slurm-fake slurm-faults slurm-nodes slurm-scancel slurm-limits slurm-lost
