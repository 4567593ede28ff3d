# i18n.mk - the message catalogues: complete, alike in their formats, and used.
.PHONY: check-i18n
check-i18n: $(B)/weft $(MO)
	@WEFT=$(abspath $(B))/weft LINGUAS="$(LINGUAS)" tests/i18n/run.sh
