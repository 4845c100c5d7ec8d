# The two commands of a fresh machine are `make run` and `make test`; `make help` lists the rest.
# The first Python 3.11 or newer that really runs (a name on the path may be an empty shim).
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS ?= 2

.DEFAULT_GOAL := help

help:  ## list what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer, with its venv module, is needed and was not found"; exit 1; }
	@echo "== making $(VENV) (once)"
	@"$(PYTHON)" -m venv $(VENV) || { echo "python3 -m venv does not work here; on Debian: apt install python3-venv"; exit 1; }

$(VENV)/.run: setup.cfg | $(BIN)/python
	@echo "== installing (once; some minutes on a slow line)"
	@$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/.test: setup.cfg tools/prepare_tests.py | $(BIN)/python
	@echo "== installing what the tests need (once)"
	@$(PIP) install --quiet --editable '.[test]'
	@$(BIN)/python tools/prepare_tests.py
	@touch $@ $(VENV)/.run

run: $(VENV)/.run  ## set up, load the demo village, serve on http://127.0.0.1:8000
	@$(BIN)/python -m pointsbank

test: $(VENV)/.test lint  ## set up what the tests need and run them, on SQLite and PostgreSQL, with a real browser
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not long"

test-long: $(VENV)/.test lint  ## all tests with the full numbers of every list
	@LONG=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

.venv-bench/.peers: | $(BIN)/python
	@echo "== installing the peers that the benchmarks measure beside us (once)"
	@"$(PYTHON)" -m venv .venv-bench
	@.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet 'django-hordak>=2,<3' 'psycopg[binary]' \
		&& touch $@ || { rm -rf .venv-bench; echo "!! django-hordak could not be installed: its rows will be missing"; }

bench: $(VENV)/.test .venv-bench/.peers  ## benchmarks, as ratios against references of the same run (25 minutes; ARGS=--quick: three)
	@$(BIN)/python -m tests.bench $(ARGS)

lint: $(VENV)/.test  ## ruff, mypy, import contracts (the tidy limits are in tests/test_tidy.py)
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

messages: $(VENV)/.test  ## collect new interface sentences and compile the English catalogue
	@$(BIN)/python tools/messages.py

docs: $(VENV)/.test  ## check that the documents' examples and links hold
	@$(BIN)/python -m pytest tests/test_documents.py

clean:  ## remove the environment and caches; data and keys stay
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis

.PHONY: help run test test-long bench lint messages docs clean
