# The commands of docs in README.md. Needs python3 (3.11 or newer), node (20 or newer) with npm, and make; the rest is
# fetched.
.PHONY: run test faults check bench reset format

PYTHON := .venv/bin/python
UV := .venv/bin/uv
PORT ?= 8000
CASES ?= 100000
DATA ?= $(or $(CAIT_DATA),var)
UV_VERSION := 0.13.9

# What the front-end's build and collectstatic write last.
PAGES := build/frontend/cait/cait.css
STATIC := build/static/staticfiles.json

# While these two stand around a step, tests/fit.sh knows that it was interrupted.
INSTALLING := mkdir -p build && echo $$$$ > build/.installing
INSTALLED := rm -f build/.installing
$(shell sh tests/fit.sh)

run: build/.environment build/.pango $(STATIC)  ## start everything; Ctrl-C stops it
	@PORT='$(PORT)' CAIT_DATA='$(DATA)' exec $(PYTHON) -m cait.run

test: build/.environment-dev build/.pango $(PAGES) build/.chromium build/.libreoffice build/.poppler  ## every test, the browser ones included
	@exec .venv/bin/pytest $(ARGS)

faults: build/.environment-dev  ## kill, stop and mislead the real parts: no duty may be lost
	@exec env -u DATABASE_URL -u REDIS_URL .venv/bin/pytest -n0 tests/faults $(ARGS)

check: build/.environment-dev $(PAGES)  ## formatting, lint, types, imports, migrations, deployment
	@exec sh tests/check.sh

bench: build/.environment-dev $(STATIC)  ## how fast it is, as ratios to a floor measured in the same run
	@exec $(PYTHON) -m tests.bench --cases $(CASES)

reset: build/.environment  ## throw the demonstration data away
	@CAIT_DATA='$(DATA)' exec $(PYTHON) -m cait.reset

format: build/.environment-dev
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

.venv/bin/uv:
	@echo "Making the Python environment …"
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "CAIT needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	@$(INSTALLING) \
		&& { python3 -m venv .venv 2>/dev/null || { rm -rf .venv; sh tests/need.sh python3-venv; python3 -m venv .venv; }; } \
		&& pwd > .venv/place \
		&& .venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) \
		&& $(INSTALLED)

build/.environment: pyproject.toml uv.lock .venv/bin/uv
	@echo "Installing the Python packages …"
	@$(INSTALLING) && UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --quiet --frozen --no-dev --inexact && $(INSTALLED)
	@touch $@

build/.environment-dev: build/.environment
	@echo "Installing the packages for tests and checks …"
	@$(INSTALLING) && UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --quiet --frozen && $(INSTALLED)
	@touch $@

$(PAGES): package.json package-lock.json .npmrc build.mjs $(shell find static -type f 2>/dev/null)
	@echo "Building the pages' styles and scripts …"
	@node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { echo "CAIT needs Node.js 20 or newer."; exit 1; }
	@command -v npm >/dev/null || { echo "CAIT needs npm, which comes with Node.js; Debian has it in the package npm."; exit 1; }
	@npm ci --ignore-scripts --silent
	@npm run --silent build
	@touch $@

# Chromium is the machine's own. It is installed where that can be done without asking, and otherwise named; then
# only the browser tests fail. Debian also has it without its windows, which takes a quarter less time for each page.
build/.chromium:
	@if sh tests/need.sh chromium-headless-shell >/dev/null 2>&1 || sh tests/need.sh chromium; then mkdir -p build && touch $@; fi

# With it one test opens what is downloaded for Excel.
build/.libreoffice:
	@if command -v soffice >/dev/null || sh tests/need.sh libreoffice-calc-nogui; then mkdir -p build && touch $@; fi

# With it tests take the words out of PDFs.
build/.poppler:
	@if command -v pdftotext >/dev/null || sh tests/need.sh poppler-utils; then mkdir -p build && touch $@; fi

# Pango sets the letters of papers, in Liberation's. As Chromium: where it is missing only what is drawn as PDF fails.
build/.pango: build/.environment
	@if $(PYTHON) -c 'from weasyprint.text.ffi import harfbuzz_subset as it; assert it' 2>/dev/null \
		|| sh tests/need.sh libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation; then touch $@; fi

$(STATIC): build/.environment $(PAGES)
	@echo "Collecting what the pages need …"
	@CAIT_DATA='$(DATA)' $(PYTHON) manage.py collectstatic --no-input --clear --verbosity 0
	@touch $@
