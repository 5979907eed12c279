# The commands of a working day; CI runs .ci/run, which needs no make.

PYTHON_HERE := .counterparts/venv/bin/python

.PHONY: setup fast test whole lint ci lock reference

setup: ## everything that CI has, counterparts included, once
	bash .ci/install

fast: ## the quick part of the suite, in one to two minutes
	$(PYTHON_HERE) -m pytest -q -m "not slow and not timing and not long"

test: ## the suite without what is long; counterparts too, where `make setup` has brought them
	$(PYTHON_HERE) -m pytest -q

whole: ## the long ones too, as CI runs them
	$(PYTHON_HERE) -m pytest -q -m "not timing"

lint: ## style, types, import contracts
	.counterparts/venv/bin/ruff check .
	.counterparts/venv/bin/ruff format --check .
	.counterparts/venv/bin/mypy
	.counterparts/venv/bin/mypy --python-version 3.10 --package modelpin_runtime
	.counterparts/venv/bin/lint-imports

ci: ## what has to pass before a change lands
	bash .ci/run

reference: ## docs/commands.md, values.md, api.md and models.schema.json, from the code
	$(PYTHON_HERE) docs/make_schema.py
	$(PYTHON_HERE) docs/make_reference.py

LOCKED := $(PYTHON_HERE) -m uv pip compile --quiet --universal --python-version 3.11 --no-header \
  --no-annotate --no-emit-index-url --upgrade --generate-hashes --no-emit-package pytest-modelpin-runtime

lock: ## versions and hashes of all that CI installs and releases are built with, made anew
	$(LOCKED) --all-extras --group test --group lint --group bench --group docs --group build \
	  --output-file .ci/lock.txt pyproject.toml
	$(LOCKED) --output-file .ci/release.txt .ci/release.in
	for group in .ci/oldest.in .ci/frameworks/*.in; do \
	  $(LOCKED) --output-file "$${group%.in}.txt" "$$group" pyproject.toml || exit 1; \
	done
