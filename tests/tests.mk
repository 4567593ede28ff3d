include tests/unit/unit.mk
include tests/e2e/e2e.mk
