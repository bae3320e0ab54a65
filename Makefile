# Everything one does with this checkout. `make run` needs only Python 3.11 or newer.

PORT ?= 8000
ARGS ?=
FUZZ_MINUTES ?= 5
BIN := .venv/bin
BENCHES := adapter write board dashboard workers ui

# The given PYTHON, else the first on the PATH that is new enough.
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)
PREPARE := run_prepare() { \
	for python in $(PYTHONS); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	  then "$$python" tools/prepare.py "$$@"; return; fi; \
	done; \
	echo "TaskHub needs Python 3.11 or newer; none was found as: $(PYTHONS). Install it, or name one: make PYTHON=/path/to/python3" >&2; \
	return 1; \
	}; run_prepare

.PHONY: help run test check prepare-check check-style check-types check-imports check-wire check-ui types bench fuzz lock wheel clean

help:
	@echo 'make run     set up what is missing, then serve on 127.0.0.1:$(PORT), with demo data (PORT=… for another port)'
	@echo 'make test    the whole test suite (ARGS="tests/tasks -k move" for a part)'
	@echo 'make check   formatting, linting, types, imports, unit tests of the browser UI'
	@echo 'make types   write the browser types of what the wire carries anew, from the OpenAPI and AsyncAPI documents'
	@echo 'make bench   the benchmarks'
	@echo 'make fuzz    random commands of several people, checked after each, on each database (FUZZ_MINUTES=5)'
	@echo 'make wheel   an sdist and a wheel in dist/'
	@echo 'make lock    lock the dependencies anew'
	@echo 'make clean   remove everything that was built or installed, but not the data'

run: export TASKHUB_DATA_DIR ?= $(CURDIR)/data
run:
	@$(PREPARE) run --port $(PORT)
	@$(BIN)/taskhub migrate
	@$(BIN)/taskhub demo
	@exec $(BIN)/taskhub serve --host 127.0.0.1 --port $(PORT)

test:
	@$(PREPARE) dev
ifeq ($(ARGS),)
	$(BIN)/python -m pytest -m "not chaos" --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -m chaos --numprocesses auto --maxprocesses 2 --dist loadfile --no-loadscope-reorder
else
	$(BIN)/python -m pytest $(ARGS)
endif

# `make -k check` goes on after the first kind of complaint.
check: check-style check-types check-imports check-wire check-ui

prepare-check:
	@$(PREPARE) check

check-style: prepare-check
	$(BIN)/ruff check
	$(BIN)/ruff format --check

check-types: prepare-check
	$(BIN)/mypy

check-imports: prepare-check
	$(BIN)/lint-imports

check-wire: prepare-check
	$(BIN)/python tools/wire_types.py --check

check-ui: prepare-check
	$(BIN)/python tools/prepare.py npm run check
	$(BIN)/python tools/prepare.py npm test

types: prepare-check
	@$(BIN)/python tools/wire_types.py

bench:
	@$(PREPARE) dev
	@set -e; for bench in $(BENCHES); do echo "== bench/$$bench.py"; $(BIN)/python -m bench.$$bench $(ARGS); done

# A failure names its seed and the command that walks the same course again.
fuzz:
	@$(PREPARE) dev
	@$(BIN)/python -m tests.property --minutes $(FUZZ_MINUTES) $(ARGS)

wheel:
	@$(PREPARE) dev
	$(BIN)/python -m build --no-isolation

lock:
	@$(PREPARE) lock

clean:
	rm -rf .venv dist build static/dist static/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
