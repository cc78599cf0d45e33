# Paperboy's workshop. Needs python3 >= 3.11, git and make; everything else is installed into .venv.
# Paths are relative on purpose, so that a checkout in a folder with spaces works.

PYTHON ?= python3
CORES ?= logical

# Nothing outside this checkout may decide what is imported or where pip installs to.
unexport PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV

VENV := .venv/bin/python
PIP_QUIETLY := -m pip --disable-pip-version-check --no-input --quiet
PIP := $(VENV) $(PIP_QUIETLY)
DRAWN := .venv-pictures/bin/python
UV = $(if $(shell command -v uv),uv,.venv-lock/bin/uv)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev run test lint types imports secrets audit check faults pictures lock clean

help: ## Say what can be made (the default)
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do printf '  %-10s %s\n' "$$name" "$$text"; done

setup: .venv/.ready ## Make .venv with everything Paperboy needs to run
	@:

setup-dev: .venv/.ready-dev ## The same, with what tests and checks need
	@:

run: .venv/.ready ## Run Paperboy in this terminal (lines piped in are answered)
	@.venv/bin/paperboy run

test: .venv/.ready-dev ## Run the tests, on all cores (CORES=1: on one)
	@$(VENV) -m pytest -q --numprocesses $(CORES) --dist worksteal

lint: .venv/.ready-dev ## Check style and spelling of the code
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

types: .venv/.ready-dev ## Check types
	@.venv/bin/mypy

imports: .venv/.ready-dev ## Check who imports whom
	@.venv/bin/lint-imports --no-cache

secrets: .venv/.ready-dev ## Look for secrets in every file but locks and pictures
	@$(VENV) .ci/scans.py secrets

audit: .venv/.ready-dev ## Hold the pinned packages against known vulnerabilities
	@$(VENV) .ci/scans.py audit

check: lint types imports secrets test ## lint, types, imports, secrets and test, one after the other

faults: .venv/.ready-dev ## Try to lose, repeat or harm something (FULL=1 for long, SEED=, CASE=, TABLE=file; CASE=--help names the cases)
	@$(VENV) -m tests.faults $(if $(FULL),--full) $(if $(SEED),--seed $(SEED)) $(if $(TABLE),--table $(TABLE)) $(CASE)

pictures: .venv-pictures/.ready ## Draw the pictures of the documents anew (a few minutes)
	@docs/pictures/tools.sh
	@cd docs/pictures/slack_blocks && npm ci --silent --no-audit --no-fund
	@$(DRAWN) docs/pictures/draw.py
	@$(DRAWN) -m docs.pictures.chats

lock: ## Pin the newest versions that pyproject.toml allows
	@command -v uv >/dev/null || test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv; }
	@$(UV) $(COMPILE) --group build --output-file requirements.txt
	@$(UV) $(COMPILE) --group dev --constraints requirements.txt --output-file requirements-dev.txt
	@$(UV) $(COMPILE) --group pictures --constraints requirements-dev.txt --output-file requirements-pictures.txt

COMPILE := pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header

clean: ## Remove what was made here, but no database and no .env
	@rm -rf .venv .venv-lock .venv-pictures docs/pictures/slack_blocks/node_modules build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- .venv ------------------------------------------------------------------------------------------------------------

$(VENV):
	@$(PYTHON) -c '' 2>/dev/null || { echo "make: there is no $(PYTHON): install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: Paperboy needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) -c 'import platform; print(platform.python_version())'): name a newer one, such as make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "make: $(PYTHON) comes without venv: install it (Debian, Ubuntu: apt install python3-venv) and try again" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv

.venv/.ready: $(VENV) requirements.txt pyproject.toml
	@echo "Installing Paperboy into .venv (a minute or two) ..." >&2
	@$(VENV) -m pip --version >/dev/null 2>&1 || $(VENV) -m ensurepip >/dev/null
	@$(PIP) install --require-hashes --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.txt
	@echo "Installing what tests and checks need ..." >&2
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch $@

.venv-pictures/.ready: requirements-pictures.txt pyproject.toml | $(VENV)
	@echo "Installing what draws pictures into .venv-pictures (a minute or two) ..." >&2
	@$(VENV) -m venv --clear .venv-pictures
	@$(DRAWN) $(PIP_QUIETLY) install --require-hashes --requirement requirements-pictures.txt
	@$(DRAWN) $(PIP_QUIETLY) install --no-deps --no-build-isolation --editable .
	@touch $@
