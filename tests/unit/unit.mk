# unit.mk - one program per module under tests/unit/test_*.c, TAP on standard output.
UNIT := $(sort $(wildcard tests/unit/test_*.c))
UNITBIN := $(UNIT:%.c=$(B)/%)

$(B)/tests/unit/%: tests/unit/%.c $(B)/libweft.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(B)/libweft.a $(LDLIBS) -lm

.PHONY: check-unit
check-unit: $(UNITBIN)
	@sh tests/unit/run.sh $(UNITBIN)
