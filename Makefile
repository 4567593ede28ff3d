# weft - one non-recursive Makefile.  make help lists the targets.
BUILD ?= release
B := build/$(BUILD)
CC ?= gcc
PREFIX ?= /usr/local

WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wswitch-enum -Wvla -Wconversion \
	-Wno-sign-conversion -Wpointer-arith -Wwrite-strings
ifdef WERROR
WARN += -Werror
endif
OPT_release := -O2 -g
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
OPT_fuzz := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined
ifeq ($(BUILD),fuzz)
CC := clang
endif
CPPFLAGS += -D_GNU_SOURCE -I. -I$(B)/gen
CFLAGS += -std=c11 $(WARN) $(OPT_$(BUILD))
LDFLAGS += $(filter -fsanitize=%,$(OPT_$(BUILD)))
LDLIBS += -ljansson -ldl

SRC := $(sort $(wildcard base/*.c lang/*.c job/*.c compiler/*.c runtime/*.c))
CLI := $(sort $(wildcard cli/*.c))
GEN := $(B)/gen/lex.c $(B)/gen/parse.c $(B)/gen/pages.c
OBJ := $(SRC:%.c=$(B)/%.o) $(B)/gen/lex.o $(B)/gen/parse.o
CLIOBJ := $(CLI:%.c=$(B)/%.o) $(B)/gen/pages.o

.PHONY: all
all: $(B)/weft

$(B)/weft: $(CLIOBJ) $(B)/libweft.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/libweft.a: $(OBJ)
	@rm -f $@
	ar rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# generated code: own warnings stay, the generators' habits are let through
$(B)/gen/%.o: $(B)/gen/%.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-conversion -Wno-switch-enum -Wno-missing-prototypes -Wno-unused-function \
		-Wno-unused-but-set-variable -MMD -MP -c -o $@ $<

$(B)/gen/lex.c: lang/lex.l $(B)/gen/parse.c
	flex --header-file=$(B)/gen/lex.h -o $@ $<
$(B)/gen/parse.c: lang/parse.y
	@mkdir -p $(@D)
	bison -Werror=conflicts-sr -Werror=conflicts-rr --header=$(B)/gen/parse.h -o $@ $<
# the lexer's and filter's own files include parse.h
$(patsubst %.c,$(B)/%.o,$(wildcard lang/*.c)): | $(B)/gen/parse.c
$(B)/gen/pages.c: cli/pages.awk $(wildcard doc/errors/*.md)
	@mkdir -p $(@D)
	awk -f cli/pages.awk $(sort $(wildcard doc/errors/*.md)) > $@.tmp && mv $@.tmp $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)

include tests/tests.mk

.PHONY: clean
clean:
	rm -rf build
