# Everything that a person does with Keyturn. `make` lists it.

IN_REAL_TIME = tests/chaos tests/journeys tests/conform tests/browser tests/config/test_workers.py tests/config/test_celery.py
PYTHON = python3
VENV = .venv
RUN = $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset install install-dev test check rehearsals rehearse crashes chaos conform mutants bench screenshots fix messages openapi requirements clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: install ## run Keyturn with everything it needs, on this machine
	@exec $(RUN) manage.py demo

demo-reset: install ## forget everything that the demo keeps
	@exec $(RUN) manage.py demo --reset

install: $(VENV)/installed-demo ## what the demo needs, into .venv

install-dev: $(VENV)/installed-dev ## what the tests need, into .venv

test: install-dev ## every test: the checks, the slow ones and the journeys in a browser
	$(RUN) scripts/install_browser.py
	./check
	$(RUN) -m pytest -m 'slow and not long' --numprocesses 4 --quiet $(IN_REAL_TIME:%=--ignore=%)
	$(RUN) -m pytest -m slow -p no:randomly --numprocesses 3 --dist loadgroup --no-loadscope-reorder --quiet $(IN_REAL_TIME)

check: install-dev ## everyday checks: style, types, layers, tests
	@exec ./check

rehearsals: install-dev ## with the portal or Nuki dead for a day, without webhooks, and more stories in any order
	$(RUN) -m pytest -m long --numprocesses 2 --quiet tests/rehearsal tests/states

rehearse: install ## a year of stays in minutes, with all faults; ARGS="--stays 500 --faults stress --seed 4"
	@exec $(RUN) manage.py rehearse $(ARGS)

crashes: install-dev ## a worker dies at every commit and call of every story
	CRASH_PLACES_EVERY=1 $(RUN) -m pytest -m slow --numprocesses auto --quiet tests/crashes

chaos: install-dev ## a quarter of an hour of kills, stops and restarts while hosts book
	@exec $(RUN) -m tests.chaos

conform: install-dev ## Schemathesis tries the API with more chance; ARGS="--max-examples 500 --seed 7"
	CONFORM="$(or $(ARGS),--max-examples 200)" $(RUN) -m pytest -m slow --capture=no --quiet --numprocesses 0 tests/conform/test_schema_holds.py

mutants: install-dev ## a quarter of an hour of wrong ideas, each of which a test or a rehearsal must notice
	@exec $(RUN) -m tests.mutants

bench: install-dev ## how fast it is on this machine
	$(RUN) scripts/install_browser.py
	@exec $(RUN) -m bench

screenshots: install-dev ## pictures of all main pages, into var/screenshots
	$(RUN) scripts/install_browser.py
	@exec $(RUN) -m tests.screenshots

fix: install-dev ## put code and templates into shape
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/djlint --reformat --quiet templates || $(VENV)/bin/djlint --check --quiet templates

messages: install-dev ## bring the message catalogues into step with code and templates
	$(RUN) -m scripts.messages

openapi: install-dev ## write docs/openapi.yaml anew from the code
	$(RUN) -m tests.with_environment $(RUN) manage.py spectacular --validate --file docs/openapi.yaml

requirements: install-dev ## pin the newest versions that the *.in files allow
	for name in requirements requirements-demo requirements-dev; do \
	  $(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	    --quiet --output-file $$name.txt $$name.in || exit 1; \
	done

clean: ## remove what the tools leave behind; .venv and the demo stay
	rm -rf .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache static_root var/tests
	find . -path ./$(VENV) -prune -o -name __pycache__ -exec rm -rf {} +

# The stamps say which requirements are installed; the larger set holds the smaller one.

ifeq ($(wildcard $(VENV)/installed-dev),)
$(VENV)/installed-demo: requirements-demo.txt | $(VENV)/bin/python
	@echo "Installing what Keyturn needs (once, about half a minute)"
	$(RUN) -m pip install --require-hashes --requirement requirements-demo.txt
	@touch $@
else
$(VENV)/installed-demo: $(VENV)/installed-dev
	@touch $@
endif

$(VENV)/installed-dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what Keyturn and its tests need (once, about a minute)"
	$(RUN) -m pip install --require-hashes --requirement requirements-dev.txt
	@touch $@

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Keyturn needs Python 3.11 or newer, and there is no $(PYTHON) here. Install it, or name another one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Keyturn needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
