# goldsmith: everything a person or a machine does with this repository. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_FLAGS ?=
PYTEST_FLAGS ?=
SETUP_STAMP := $(VENV)/.setup-stamp
# the many processes that the tests start find their code compiled, whatever the shell says
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-web check format bench soak system-deps docs clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 16

setup: $(SETUP_STAMP) ## make .venv with goldsmith, its extras and the tools for development

$(SETUP_STAMP): pyproject.toml constraints.txt hatch_build.py web/package-lock.json
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev -e ".[train,postgres]"
	touch $@

demo: setup ## run the whole loop on a generated world, then serve the workbench (DEMO_FLAGS are passed on)
	$(BIN)/goldsmith demo $(DEMO_FLAGS)

test: setup test-web ## all tests: TypeScript, then Python (unit, integration on both databases, browser)
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not soak" $(PYTEST_FLAGS)

test-web: setup
	$(BIN)/python hatch_build.py test

check: setup ## formatting, lint, types, import contracts, TypeScript
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python hatch_build.py check

format: setup ## rewrite sources in house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## each headline number beside the peer's; minutes
	for name in detection startup queue bulk; do $(BIN)/python -m benchmarks.$$name --json bench-$$name.json || exit 1; done

docs: setup ## write the pages of reference that come from the code
	$(BIN)/python docs/generate.py

soak: setup ## long-running tests: kill -9 in a loop, big imports, hours of editing
	$(BIN)/python -m pytest -n 2 -m soak $(PYTEST_FLAGS)

system-deps: ## what the tests want of the system (Debian): PostgreSQL and Chromium
	@missing=""; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v chromium >/dev/null 2>&1 || missing="$$missing chromium fonts-dejavu-core"; \
	$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || missing="$$missing python3-venv"; \
	if [ -z "$$missing" ]; then echo "system packages are there"; \
	elif [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; \
	elif command -v sudo >/dev/null; then sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; \
	else echo "please install:$$missing" >&2; exit 1; fi

clean: ## remove what the build and the tests made
	rm -rf dist build src/goldsmith/server/static web/node_modules .pytest_cache .mypy_cache .ruff_cache
