# prop.mk - properties over generated inputs: one program per tests/prop/prop_*.c, each linked with the generator.
PROP := $(sort $(wildcard tests/prop/prop_*.c))
PROPBIN := $(PROP:%.c=$(B)/%)

$(B)/tests/prop/%: tests/prop/%.c tests/prop/gen.c tests/prop/gen.h $(B)/libweft.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/prop $(CFLAGS) $(LDFLAGS) -o $@ $< tests/prop/gen.c $(B)/libweft.a $(LDLIBS) -lm

.PHONY: check-prop
check-prop: $(PROPBIN) $(B)/weft
	@WEFT=$(WEFTBIN) sh tests/unit/run.sh $(PROPBIN) tests/prop/rerun.sh tests/prop/forecast.sh

# the same properties over many more inputs: make torture PROP_N=10000
PROP_N ?= 10000
.PHONY: torture
torture: $(PROPBIN) $(B)/weft
	@WEFT=$(WEFTBIN) tests/prop/rerun.sh 5000
	@WEFT=$(WEFTBIN) tests/prop/forecast.sh 5000
	@for p in $(PROPBIN); do $$p $(PROP_N) || exit 1; done
