# Needs Python 3.11 or newer with venv, git and make; everything else is fetched, locked by hash.
# `make help` lists the targets. V=1 shows the output of every step.
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
export OCAPI_DATA ?= $(CURDIR)/var
export OCAPI_SHARED ?= $(wildcard $(CURDIR)/../shared)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export UV_PYTHON_DOWNLOADS = never
export UV_NO_PROGRESS = 1
export VIRTUAL_ENV =
# Compiled code is kept: without it each process compiles a second or two of code before it does anything.
unexport PYTHONDONTWRITEBYTECODE

STEP   = @sh tools/step.sh
UV     = .venv0/bin/uv
PY     = .venv/bin/python
OCAPI  = .venv/bin/ocapi
PYTEST = $(PY) -m pytest
LEVEL ?= commit
JOURNEYS_IN = 2
NPM_LOCKS = package.json package-lock.json .npmrc requirements-assets.lock tools/build_assets.py
SOURCES = $(shell find src content -name '*.po' 2>/dev/null)
STATIC = $(shell find src -path '*/static/*' -type f 2>/dev/null)
TYPED = src/ocapi/lib src/ocapi/kernel $(wildcard $(foreach door,api data events,src/ocapi/modules/*/$(door).py src/ocapi/modules/*/$(door)/*.py))

.PHONY: help setup run demo test check fix module journeys conformance proof bench docs clean
.PHONY: dev template sqlite postgres beside

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/\1\t\2/' | expand -t 14

# --- environment, in steps that are done once ----------------------------------------------------------------

build/.python:
	@$(PYTHON) -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "OCAPI needs Python 3.11, 3.12 or 3.13 with venv; set PYTHON=..."; exit 1; }
	@mkdir -p build && touch $@

build/.uv: requirements-uv.lock | build/.python
	$(STEP) "installer" sh -c '$(PYTHON) -m venv .venv0 && .venv0/bin/pip install -q --require-hashes -r $<'
	@touch $@

build/.venv: build/.uv
	$(STEP) "Python environment" $(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@touch $@

# The two locks share one environment: what tests need is installed on top of what runs, never taken away.
build/.run: requirements.lock pyproject.toml build/.venv
	$(STEP) "Python packages" $(UV) pip sync --quiet --python $(PY) --require-hashes requirements.lock
	$(STEP) "OCAPI itself" $(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .
	@rm -f build/.dev build/.spark build/.otel build/.analytics && touch $@

build/.dev: requirements-dev.lock build/.run
	$(STEP) "Python packages for tests" \
	  $(UV) pip install --quiet --python $(PY) --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

# Not part of any other target: 0.5 GB, and Java 17 is the operator's. Spark comes as source, so what builds it is
# locked too.
build/.spark: requirements-spark.lock build/.run
	$(STEP) "Spark" $(UV) pip install --quiet --python $(PY) --require-hashes --no-deps --build-constraints $< -r $<
	@touch $@

# Not part of any other target either: only where `OCAPI_TRACES` asks for spans.
build/.otel: requirements-otel.lock build/.run
	$(STEP) "OpenTelemetry" $(UV) pip install --quiet --python $(PY) --require-hashes --no-deps -r $<
	@touch $@

# Nor this: forecasts by statsmodels, with numpy, scipy and pandas.
build/.analytics: requirements-analytics.lock build/.run
	$(STEP) "statsmodels" $(UV) pip install --quiet --python $(PY) --require-hashes --no-deps -r $<
	@touch $@

build/.node: requirements-assets.lock build/.uv
	$(STEP) "node" sh -c '$(UV) venv --quiet --allow-existing --python $(PYTHON) build/node \
	  && $(UV) pip sync --quiet --python build/node/bin/python --require-hashes requirements-assets.lock'
	@touch $@

build/.assets: $(NPM_LOCKS) build/.node
	$(STEP) "browser assets" $(PYTHON) tools/build_assets.py build/node
	@rm -f build/.assets-dev && touch $@

build/.assets-dev: build/.assets
	$(STEP) "browser assets for tests" $(PYTHON) tools/build_assets.py build/node --dev
	@touch $@

build/.texts: $(SOURCES) build/.run
	$(STEP) "texts" $(PY) -c 'from pathlib import Path; from ocapi.main import texts; texts.compile_all(Path())'
	@touch $@

build/.static: build/.assets build/.run $(STATIC)
	$(STEP) "static files" env OCAPI_DEMO=1 $(PY) -m django collectstatic --noinput --settings ocapi.main.settings
	@touch $@

dev: build/.dev build/.assets-dev build/.texts build/.static

template: build/.run build/.texts
	$(STEP) "database template" env OCAPI_DEMO=1 $(OCAPI) template build

setup: build/.run build/.assets build/.texts build/.static template ## install what is needed to run

# --- running -------------------------------------------------------------------------------------------------

demo: setup ## load the content and the demo organizations
	$(STEP) "content and demo organizations" env OCAPI_DEMO=1 $(OCAPI) demo

run: demo ## set up, load the demo and start on OCAPI_PORT (8000)
	@OCAPI_DEMO=1 exec $(OCAPI) up

# --- tests ---------------------------------------------------------------------------------------------------

ifeq ($(ONLY),fast)
test: dev
	$(PYTEST) -n 2 -m "not server and not browser"
else
test: dev ## run the whole suite; ONLY=fast runs the half without server and browser
	@$(MAKE) -j2 JOURNEYS_IN=1 beside postgres
endif

# The journeys wait for a browser and leave half of the machine to the two stores, which go one after the other.
# What the journeys say comes when they end, so that lines do not mix.
beside: dev
	@$(MAKE) journeys >build/journeys.out 2>&1; code=$$?; cat build/journeys.out; exit $$code

# The architecture is judged once, by `make check`.
# What it read of persons is kept for `ocapi proof leaf`, which has no need to run it again.
sqlite: dev
	@$(PY) -m tests.proofs.leaf.earlier begun
	@echo "== SQLite"; OCAPI_LEAVES_REPORT=build/leaves $(PYTEST) -n 2 -m "not browser" --ignore tests/architecture
	@$(PY) -m tests.proofs.leaf.earlier passed

postgres: sqlite
	@echo "== PostgreSQL"; OCAPI_STORE=postgres $(PYTEST) -n 2 -m "not browser" \
	  $(wildcard src/ocapi/kernel src/ocapi/modules src/ocapi/web)

journeys: dev ## run the browser journeys when Chromium is there (CI=true: always)
	@if [ ! -d tests/journeys ]; then echo "== journeys: none yet"; \
	elif [ "$(CI)" = true ] || command -v chromium >/dev/null 2>&1; then \
	  echo "== journeys"; $(PYTEST) -n $(JOURNEYS_IN) --dist loadscope tests/journeys; \
	else echo "== journeys: skipped, install chromium"; fi

conformance: dev ## run the checks against the standards
	@if [ -d tests/conformance ]; then $(PYTEST) tests/conformance; else echo "no conformance tests yet"; fi

proof: dev ## prove the promises (crashes, power cuts, faults); LEVEL=commit|nightly|full
	$(OCAPI) proof --level $(LEVEL)

bench: dev ## measure against limits and peers; LEVEL=commit|nightly|full
	$(OCAPI) bench all --level $(LEVEL)

# --- gates: one line each; the first that fails stops -------------------------------------------------------------

check: export OCAPI_DEMO = 1
check: export DJANGO_SETTINGS_MODULE = ocapi.main.settings
check: dev ## run every gate on the source
	$(STEP) "ruff" $(PY) -m ruff check src tests tools
	$(STEP) "mypy, strict on lib, kernel and doors" $(PY) -m mypy --strict --exclude "/(tests|migrations)/" $(TYPED)
	$(STEP) "import contracts" .venv/bin/lint-imports
	$(STEP) "architecture" $(PYTEST) tests/architecture
	$(STEP) "migrations complete" $(OCAPI) makemigrations --check
	$(STEP) "manifests, reference pages, texts" $(OCAPI) check

fix: dev ## sort imports and apply safe corrections
	$(PY) -m ruff check --fix src tests tools

module: dev ## scaffold a module: make module NAME=x
	@test -n "$(NAME)" || { echo "use: make module NAME=x"; exit 2; }
	$(OCAPI) module $(NAME)

docs: dev ## write the generated reference pages
	OCAPI_DEMO=1 $(OCAPI) docs

clean: ## remove what make made; var/ with your data stays
	rm -rf build .venv .venv0 node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
