# corpus.mk - good inputs that give nothing, bad ones that give exactly what they should, fixes, SARIF, the rules.
.PHONY: check-corpus
check-corpus: $(B)/weft
	@WEFT=$(abspath $(B))/weft tests/corpus/run.sh
