# make run: from a fresh machine to a running console. make test: from a fresh machine to green tests.
# Both set up what they need in .venv; `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
UV     := $(shell command -v uv 2>/dev/null)

unexport PYTHONDONTWRITEBYTECODE # what is compiled is kept for the next process
.DEFAULT_GOAL := help
.PHONY: help setup run test test-setup check check-code check-types check-imports check-templates check-migrations bench lock chaos model clean

help: ## what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "make %-8s %s\n", $$1, $$2}'

setup: $(READY) ## the virtual environment, from the lock

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "OpsConsole needs Python 3.11 or newer, and $(PYTHON) is not: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || .ci/virtualenv $(PYTHON) $(VENV)
	@echo "Installing what OpsConsole needs into $(VENV) (a minute the first time) ..."
ifdef UV
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
endif
	@touch $@

run: setup ## a console with demo data on this machine (PORT, SANDBOX_PORT, OPSCONSOLE_HOME; UP="--customers 50")
	@exec $(BIN)/opsconsole up $(UP)

test-setup: setup
	@.ci/chromium

test: test-setup ## all tests (ARGS="tests/refunds -n 0")
	@$(BIN)/python -m pytest $(ARGS)

check: check-code check-types check-imports check-templates check-migrations ## everything short of running tests

check-code: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet . || { echo "Not formatted: $(BIN)/ruff format ."; exit 1; }

check-types: setup
	$(BIN)/mypy

check-imports: setup
	$(BIN)/lint-imports

check-templates: setup
	$(BIN)/djlint --lint --quiet opsconsole

check-migrations: setup
	$(BIN)/opsconsole migrate --check

chaos: setup ## kill and break things for minutes, and count
	@$(BIN)/python -m pytest -n 0 -m soak --override-ini addopts= $(ARGS)

model: setup ## walk at random over every act and look for harm (STEPS=1000000 SEED=7)
	@STEPS=$(or $(STEPS),20000) SEED=$(or $(SEED),0) $(BIN)/python -m pytest -n 0 -q tests/harm/test_model.py -k no_way $(ARGS)

bench: setup ## measure pages and acts on much data
	@$(BIN)/python -m benchmarks $(ARGS)

lock: ## choose new versions (needs uv); commit both files
	uv pip compile --upgrade --universal --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile --upgrade --universal --generate-hashes --no-header --no-annotate --extra embedded --extra dev pyproject.toml -o requirements-dev.lock

clean: ## remove the virtual environment; data in .opsconsole stays
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
