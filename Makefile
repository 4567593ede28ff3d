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
# NULL + 0 is what an empty array is; C2y (N3322) defines it
OPT_fuzz := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize=pointer-overflow -fno-sanitize-recover=undefined
ifeq ($(BUILD),fuzz)
CC := clang
endif
CPPFLAGS += -D_GNU_SOURCE -I. -I$(B)/gen
CFLAGS += -std=c11 $(WARN) $(OPT_$(BUILD))
LDFLAGS += $(filter -fsanitize=%,$(OPT_$(BUILD)))
LDLIBS += -ljansson -ldl -lm

SRC := $(sort $(wildcard base/*.c lang/*.c job/*.c compiler/*.c runtime/*.c))
CLI := $(sort $(wildcard cli/*.c))
GEN := $(B)/gen/lex.c $(B)/gen/parse.c $(B)/gen/pages.c $(B)/gen/sbatch.c
OBJ := $(SRC:%.c=$(B)/%.o) $(B)/gen/lex.o $(B)/gen/parse.o $(B)/gen/sbatch.o
CLIOBJ := $(CLI:%.c=$(B)/%.o) $(B)/gen/pages.o

LINGUAS := zh_CN
MO := $(LINGUAS:%=$(B)/locale/%/LC_MESSAGES/weft.mo)

.PHONY: all
all: $(B)/weft $(MO)

# bound at the start: what is bound at first use, the child that starts an instance would bind each time
$(B)/weft: $(CLIOBJ) $(B)/libweft.a
	$(CC) $(LDFLAGS) -Wl,--build-id,-z,now -o $@ $^ $(LDLIBS)

$(B)/libweft.a: $(OBJ)
	@rm -f $@
	ar rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# message catalogues, found beside the program; make po takes over what is new in the sources
$(B)/locale/%/LC_MESSAGES/weft.mo: po/%.po
	@mkdir -p $(@D)
	msgfmt -c -o $@ $<
.PHONY: po
po:
	@po/update $(LINGUAS)

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
# files as C strings
$(B)/gen/pages.c: base/texts.awk $(wildcard doc/errors/*.md)
	@mkdir -p $(@D)
	awk -v header=cli/pages.h -v type='struct page' -v array=pages -f base/texts.awk \
		$(sort $(wildcard doc/errors/*.md)) > $@.tmp && mv $@.tmp $@
$(B)/gen/sbatch.c: base/texts.awk $(wildcard runtime/sbatch/*.sh)
	@mkdir -p $(@D)
	awk -v header=runtime/export_impl.h -v type='struct export_text' -v array=export_texts -f base/texts.awk \
		$(sort $(wildcard runtime/sbatch/*.sh)) > $@.tmp && mv $@.tmp $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)

include tests/tests.mk

# ---- what people run ----
.PHONY: deps demo install uninstall man completions clean dist-clean help
deps:
	@.ci/deps build

demo:
	@.ci/deps build demo
	@[ -x $(B)/weft ] || echo "building weft ..."
	@$(MAKE) --no-print-directory -s -j$$(nproc) all
	@WEFT=$(abspath $(B)/weft) examples/demo.sh

COMMANDS := $(shell sed -n 's/^COMMAND(\(.*\))$$/\1/p' cli/commands.def)
man: $(B)/weft
	@for c in $(COMMANDS); do $(B)/weft help --man $$c > doc/man/weft-$$c.1 || exit 1; done

# installed files; DESTDIR for packagers
BINDIR := $(DESTDIR)$(PREFIX)/bin
MANDIR := $(DESTDIR)$(PREFIX)/share/man
DOCDIR := $(DESTDIR)$(PREFIX)/share/doc/weft
COMPDIR := $(DESTDIR)$(PREFIX)/share
LOCDIR := $(DESTDIR)$(PREFIX)/share/locale
MAN1 = $(notdir $(wildcard doc/man/*.1))
MAN5 = $(notdir $(wildcard doc/man/*.5))
install: $(B)/weft $(MO)
	install -d $(BINDIR) $(MANDIR)/man1 $(MANDIR)/man5 $(DOCDIR) $(COMPDIR)/bash-completion/completions \
		$(COMPDIR)/zsh/site-functions $(COMPDIR)/fish/vendor_completions.d
	install -m 755 $(B)/weft $(BINDIR)/weft
	for l in $(LINGUAS); do install -D -m 644 $(B)/locale/$$l/LC_MESSAGES/weft.mo $(LOCDIR)/$$l/LC_MESSAGES/weft.mo || exit 1; done
	install -m 644 $(wildcard doc/man/*.1) $(MANDIR)/man1/
	install -m 644 $(wildcard doc/man/*.5) $(MANDIR)/man5/
	install -m 644 README.md LICENSE CHANGELOG.md $(DOCDIR)/
	cp -r examples $(DOCDIR)/
	$(B)/weft completions bash > $(COMPDIR)/bash-completion/completions/weft
	$(B)/weft completions zsh > $(COMPDIR)/zsh/site-functions/_weft
	$(B)/weft completions fish > $(COMPDIR)/fish/vendor_completions.d/weft.fish
uninstall:
	rm -f $(BINDIR)/weft $(MAN1:%=$(MANDIR)/man1/%) $(MAN5:%=$(MANDIR)/man5/%)
	rm -f $(COMPDIR)/bash-completion/completions/weft $(COMPDIR)/zsh/site-functions/_weft \
		$(COMPDIR)/fish/vendor_completions.d/weft.fish
	rm -f $(LINGUAS:%=$(LOCDIR)/%/LC_MESSAGES/weft.mo)
	rm -rf $(DOCDIR)

clean:
	rm -rf build
# also what a demo or a run has left
dist-clean: clean
	find . -name .weft -type d -prune -exec rm -rf {} +

help:
	@echo "make            build build/release/weft"
	@echo "make deps       install what a build needs"
	@echo "make demo       install what is missing, build, run the log-count example"
	@echo "make check      install what is missing, build, run all tests (BUILD=asan: with sanitizers)"
	@echo "make check-PART one part: $(PARTS)"
	@echo "make torture    faults at every place; properties over PROP_N=10000 generated inputs each"
	@echo "make golden-update   rewrite the expectations that differ, to be read with git diff"
	@echo "make po         take over new messages into po/*.po, to be translated there"
	@echo "make man        rewrite doc/man/weft-*.1 from the program"
	@echo "make install    PREFIX=$(PREFIX) DESTDIR="
	@echo "make uninstall, make clean, make dist-clean"
