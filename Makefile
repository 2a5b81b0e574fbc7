# Every target sets up what it needs inside the checkout, and only again when the pins change.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run
DEV_STAMP := $(VENV)/.dev

.PHONY: help demo test test-all check format bench docs golden lock clean

help:  ## What each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@scripts/make-venv "$(PYTHON)" "$(VENV)"

$(RUN_STAMP): requirements/run.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(RUN_STAMP)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(RUN_STAMP)  ## The main job on real data, in ./demo (German Credit, under a minute)
	@$(BIN)/assay demo --directory demo

test: $(DEV_STAMP)  ## The fast tests
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: $(DEV_STAMP)  ## Every test, with full calibration, soak and fuzz
	$(BIN)/python -m pytest -n 2

check: $(DEV_STAMP)  ## Format, lint, types, import contracts, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -p no:cacheprovider --doctest-modules src
	$(MAKE) --no-print-directory docs

format: $(DEV_STAMP)  ## Format and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(DEV_STAMP)  ## Build the documentation into docs/_build; a warning is an error
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build

bench: $(DEV_STAMP)  ## Measure, as ratios against a floor in the same run
	$(BIN)/python -m benchmarks

golden: $(DEV_STAMP)  ## Write golden files, ready policies and the reference anew; review them as a diff
	$(BIN)/python scripts/ready-policies
	$(BIN)/python -m pytest -q tests/golden --regenerate
	$(BIN)/python -m tests.docs.reference
	$(BIN)/python -m tests.docs.pictures

lock: $(BIN)/python  ## Resolve the pins anew
	scripts/lock

clean:  ## Remove what the targets made
	rm -rf $(VENV) demo docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
