# Everything runs in .venv, which the first target that needs it builds. Versions come from constraints.txt.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	$(INSTALL) --editable '.[all]'
	@touch $@

.PHONY: help demo test lint bench clean

help: ## What can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/installed ## The whole job on a bundled world: no network after installation, no key, no GPU
	$(BIN)/vpd demo

test: .venv/installed ## Every test
	$(BIN)/python -m pytest -n auto

lint: .venv/installed ## Style, types, import rules, and that all packages go together
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/uv pip check --quiet --python $(BIN)/python

bench: .venv/installed ## Measure throughput, memory and cost; writes docs/benchmarks/
	$(BIN)/python -m benchmarks

clean: ## Remove what was built; runs stay
	rm -rf .venv build dist .ruff_cache
