# Everything a newcomer needs; `make help` lists it. Each target sets up what it needs by itself.

.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

# The first interpreter that answers and that the project supports.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
find_python = $(firstword $(foreach p,python3 python3.13 python3.12 python3.11 python,$(shell $(p) -c '$(SUPPORTED)' 2>/dev/null && echo $(p))))

# With DATA: the real files, in the base environment. Without: generated ones, in the sample environment.
# Make exports DATA to the recipe; the shell, not make, puts it in, so that any character may be in the path.
RUN_ARGS = $(if $(DATA),--params ingestion.source=local,--env sample)
# What viz and jupyter look at: the real results where there are any.
ENV_ARGS = $(if $(wildcard data/03_primary/olist.duckdb),,--env sample)

.PHONY: help run test lint format lock viz jupyter clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  make run DATA=<folder or zip>   the same on the real files, as Kaggle delivers them"

run: $(VENV)/.installed  ## run everything on generated data, which takes about a minute
	@OLIST_DATA_PATH="$$DATA" $(BIN)/kedro run $(RUN_ARGS)

# In as many processes as there are cores, up to four; ARGS="-n 0" runs the tests in one, as plain pytest does.
test: $(VENV)/.installed-dev  ## run the tests; OLIST_DATA=<folder or zip> adds those on real data
	@$(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
		--cov --cov-report=term $(ARGS)

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
	@rm -rf $(VENV) data/sample dbt/target dbt/logs .viz htmlcov dist .mypy_cache .pytest_cache .ruff_cache .coverage build src/*.egg-info
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

lock:  ## renew the lock files (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-header pyproject.toml -o requirements.lock $(ARGS)
	@uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-header pyproject.toml --extra notebook --extra dev -c requirements.lock -o requirements-dev.lock $(ARGS)

$(VENV)/bin/python:
	@python='$(find_python)'; \
	if [ -z "$$python" ]; then echo "olist-kedro needs Python 3.11, 3.12 or 3.13 on the PATH." >&2; exit 1; fi; \
	echo "Setting up $(VENV) with $$($$python --version) ..." >&2; \
	if [ -n "$(UV)" ]; then uv venv -q --python "$$($$python -c 'import sys; print(sys.executable)')" $(VENV); \
	else $$python -m venv $(VENV); fi

# $(call install,<lock file>,<stamp>)
define install
	@echo "Installing $(1) (once; about half a minute with uv, three with pip) ..." >&2
	@if [ -n "$(UV)" ]; then uv pip install -q --python $(BIN)/python -r $(1) && uv pip install -q --python $(BIN)/python --no-deps -e .; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check -r $(1) && $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .; fi
	@touch $@
endef

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements.lock)

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements-dev.lock)
	@touch $(VENV)/.installed
