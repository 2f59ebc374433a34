# Everything a newcomer needs; `make help` lists it. Each target sets up what it needs by itself.

.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

# The first interpreter that answers and that the project supports.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
find_python = $(firstword $(foreach p,python3 python3.13 python3.12 python3.11 python,$(shell $(p) -c '$(SUPPORTED)' 2>/dev/null && echo $(p))))

# The emulator of BigQuery has an environment of its own, and runs on Python 3.13 only.
EMULATOR := .venv-bigquery-emulator
EMULATOR_PYTHON = $(firstword $(foreach p,python3.13 $(shell uv python find --no-python-downloads 3.13 2>/dev/null) \
	$(wildcard $(shell pyenv root 2>/dev/null)/versions/3.13*/bin/python3.13),\
	$(shell $(p) -c 'import sys; print(sys.executable if sys.version_info[:2] == (3, 13) else "")' 2>/dev/null)))

# With DATA: the real files, in the base environment. Without: generated ones, in the sample environment.
# Make exports DATA to the recipe; the shell, not make, puts it in, so that any character may be in the path.
RUN_ARGS = $(if $(DATA),--params ingestion.source=local,--env sample)
# What viz and jupyter look at: the real results where there are any.
ENV_ARGS = $(if $(wildcard data/03_primary/olist.duckdb),,--env sample)

.PHONY: help run test coverage test-bigquery test-bigquery-here lint format lock viz jupyter clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  make run DATA=<folder or zip>   the same on the real files, as Kaggle delivers them"

run: $(VENV)/.installed  ## run everything on generated data, which takes about a minute
	@OLIST_DATA_PATH="$$DATA" $(BIN)/kedro run $(RUN_ARGS)

# In as many processes as there are cores, up to four; ARGS="-n 0" runs the tests in one, as plain pytest does.
PYTEST = $(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: $(VENV)/.installed-dev  ## run the tests; OLIST_DATA=<folder or zip> adds those on real data
	@$(PYTEST) $(ARGS)

coverage: $(VENV)/.installed-dev  ## run the tests and say which lines they miss, in twice the time
	@$(PYTEST) --cov --cov-report=term $(ARGS)

test-bigquery:  ## run the project on an emulator of BigQuery, which needs Python 3.13
	@if [ -z "$(EMULATOR_PYTHON)" ]; then echo "Skipped: the emulator of BigQuery needs Python 3.13, and there is none here."; \
	else $(MAKE) --no-print-directory test-bigquery-here; fi

test-bigquery-here: $(VENV)/.installed-bigquery $(EMULATOR)/.installed
	@OLIST_EMULATOR_PYTHON="$(CURDIR)/$(EMULATOR)/bin/python" $(BIN)/pytest tests/bigquery $(ARGS)

lint: $(VENV)/.installed-dev  ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.installed-dev  ## mend what the linter can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

viz: $(VENV)/.installed  ## open the lineage, with previews, in the browser
	@PYTHONWARNINGS=ignore $(BIN)/kedro viz run --include-hooks $(ENV_ARGS)

jupyter: $(VENV)/.installed-dev  ## open JupyterLab with catalog, context and session at hand
	@$(BIN)/kedro jupyter lab $(ENV_ARGS)

clean:  ## remove the environment, caches and generated sample data; real data and results stay
	@rm -rf $(VENV) $(EMULATOR) data/sample dbt/target dbt/logs .viz htmlcov dist .mypy_cache .pytest_cache .ruff_cache .coverage build src/*.egg-info
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The most first: so its pins, which must fit the others, are the others' too.
COMPILE = uv pip compile -q --universal --no-emit-index-url --no-header
lock:  ## renew the lock files (needs uv)
	@$(COMPILE) --python-version 3.11 pyproject.toml --extra notebook --extra dev --extra bigquery -o requirements-bigquery.lock $(ARGS)
	@$(COMPILE) --python-version 3.11 pyproject.toml --extra notebook --extra dev -c requirements-bigquery.lock -o requirements-dev.lock $(ARGS)
	@$(COMPILE) --python-version 3.11 pyproject.toml -c requirements-dev.lock -o requirements.lock $(ARGS)
	@$(COMPILE) --python-version 3.13 tests/bigquery/emulator-requirements.in -o tests/bigquery/emulator-requirements.txt $(ARGS)

$(VENV)/bin/python:
	@python='$(find_python)'; \
	if [ -z "$$python" ]; then echo "olist-kedro needs Python 3.11, 3.12 or 3.13 on the PATH." >&2; exit 1; fi; \
	echo "Setting up $(VENV) with $$($$python --version) ..." >&2; \
	if [ -n "$(UV)" ]; then uv venv -q --python "$$($$python -c 'import sys; print(sys.executable)')" $(VENV); \
	else $$python -m venv $(VENV); fi

# $(call install,<lock file>,<stamp>)
define install
	@echo "Installing $(1) (once; about half a minute with uv, three with pip) ..." >&2
	@if [ -n "$(UV)" ]; then uv pip install -q --compile-bytecode --python $(BIN)/python -r $(1) && uv pip install -q --python $(BIN)/python --no-deps -e .; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check -r $(1) && $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .; fi
	@touch $@
endef

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements.lock)

$(VENV)/.installed-bigquery: requirements-bigquery.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements-bigquery.lock)
	@touch $(VENV)/.installed $(VENV)/.installed-dev

$(EMULATOR)/.installed: tests/bigquery/emulator-requirements.txt
	@echo "Setting up $(EMULATOR) with $(EMULATOR_PYTHON) ..." >&2
	@if [ -n "$(UV)" ]; then uv venv -q --clear --python "$(EMULATOR_PYTHON)" $(EMULATOR) && uv pip install -q --compile-bytecode --python $(EMULATOR)/bin/python -r $<; \
	else "$(EMULATOR_PYTHON)" -m venv --clear $(EMULATOR) && $(EMULATOR)/bin/python -m pip install -q --disable-pip-version-check -r $<; fi
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements-dev.lock)
	@touch $(VENV)/.installed
