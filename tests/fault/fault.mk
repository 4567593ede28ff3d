# fault.mk - drivers killed at any moment, calls of the system that fail, full file systems.
# `make check` has a short form of it; `make torture-fault` (a part of `make torture`) all: 200 kills of the driver and 100 of its group, every call.
$(B)/fault/inject.so: tests/fault/inject.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=c11 $(WARN) -O1 -fPIC -shared -o $@ $< -ldl

.PHONY: check-fault torture-fault torture
check-fault: $(B)/weft $(B)/fault/inject.so
	@PYTHONDONTWRITEBYTECODE=1 sh tests/fault/run.sh $(B) 8 4 29
torture: torture-fault
torture-fault: $(B)/weft $(B)/fault/inject.so
	@PYTHONDONTWRITEBYTECODE=1 sh tests/fault/run.sh $(B) 200 100 1
