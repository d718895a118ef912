# Pika!: everything that a developer types. `make help` prints the words behind each target.
# Needs: Python 3.11 or newer, and make. The rest is installed into .venv, pinned and checked by hash.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
# Tests run by these names; `make test T=tests/schedule` runs a part.
T ?= tests
MINUTES ?= 10

export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run demo test check fmt bench chaos audit screens lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT=8001 picks another port, PIKA_VAR=/some/where another place for data (default: var/)."

run: $(VENV)/.product ## Start Pika! with demo data and print its address (PORT=8000); Ctrl-C stops it
	@exec $(PY) -m app.dev

demo: $(VENV)/.product ## Throw the demo away and load it anew, whether Pika! is running or not
	@$(PY) -m app.redis_server $(PY) -m flask --app wsgi demo reset

test: packages check ## Install what tests need, then run all checks and all tests (T=tests/schedule: a part)
	@$(PY) -m pytest $(T)

check: $(VENV)/.development ## Lint, format check, types, direction of imports
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-logo --no-cache

fmt: $(VENV)/.development ## Format the Python code and mend what ruff can mend safely
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

bench: $(VENV)/.development ## Measure live fan-out and the schedule page on this machine
	@$(PY) -m app.redis_server $(PY) -m bench

audit: $(VENV)/.development packages ## Lighthouse, axe-core, weight and installability of every page, against marks (needs npm)
	@$(PY) -m tests.audit

chaos: $(VENV)/.development packages ## Phones on bad lines, servers that die: nothing may be lost (MINUTES=10)
	@$(PY) -m bench.chaos --minutes $(MINUTES)

screens: $(VENV)/.development packages ## Take the pictures in docs/screens anew
	@$(PY) -m tests.screens

lock: $(VENV)/.development ## Pin requirements*.in anew, with hashes, at a week's distance from new releases (needs uv)
	@for name in requirements requirements-dev; do \
	    uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --upgrade \
	        --exclude-newer "7 days" -o $$name.lock $$name.in || exit 1; \
	done
	@! grep -n '://' requirements.lock requirements-dev.lock

clean: ## Remove .venv, caches and the data of this checkout (var/)
	@if [ -f var/run.lock ] && [ -x $(PY) ] && $(PY) -m app.dev running; then \
	    echo "Pika! is running here: stop it first (Ctrl-C)."; exit 1; \
	fi
	rm -rf $(VENV) var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What follows is not typed by hand.

.PHONY: packages
packages:
	@sh .ci/packages

$(VENV)/.product: requirements.lock | $(PY)
	@echo "Installing what Pika! needs …"
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.development: requirements-dev.lock | $(PY)
	@echo "Installing what Pika! and its tests need …"
	@$(PIP) -r requirements-dev.lock
	@touch $@ $(VENV)/.product

# A name on PATH may be an empty shim, so each candidate is run before it is believed.
$(PY):
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "Pika! needs Python 3.11 or newer. Install it, or name it: make run PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$found --version) …"; \
	rm -rf $(VENV); \
	if ! $$found -m venv $(VENV) >$(VENV).log 2>&1; then \
	    cat $(VENV).log >&2; rm -rf $(VENV) $(VENV).log; \
	    echo "$$found could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	rm -f $(VENV).log
