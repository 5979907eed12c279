# The commands of a working day; CI runs .ci/run, which needs no make.

PYTHON_HERE := .counterparts/venv/bin/python

.PHONY: setup fast test whole lint ci constraints reference

setup: ## everything that CI has, counterparts included, once
	bash .ci/install

fast: ## the quick part of the suite, in under a minute
	$(PYTHON_HERE) -m pytest -q -m "not slow and not timing and not long"

test: ## the suite without what is long; counterparts too, where `make setup` has brought them
	$(PYTHON_HERE) -m pytest -q

whole: ## the long ones too, as CI runs them
	$(PYTHON_HERE) -m pytest -q -m "not timing"

lint: ## style, types, import contracts
	.counterparts/venv/bin/ruff check .
	.counterparts/venv/bin/ruff format --check .
	.counterparts/venv/bin/mypy
	.counterparts/venv/bin/lint-imports

ci: ## what has to pass before a change lands
	bash .ci/run

reference: ## docs/commands.md, values.md, api.md and models.schema.json, from the code
	$(PYTHON_HERE) docs/make_schema.py
	$(PYTHON_HERE) docs/make_reference.py

constraints: ## the versions that CI installs and releases are built with, made anew
	uv pip compile --quiet --universal --no-header --no-annotate --no-emit-index-url --upgrade \
	  --all-extras --group test --group lint --group bench --group docs --no-emit-package pytest-modelpin-runtime --output-file .ci/constraints.txt \
	  pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	  --no-emit-index-url --upgrade --generate-hashes --output-file .ci/release.txt .ci/release.in
	for group in .ci/frameworks/*.in; do \
	  uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	    --no-emit-index-url --upgrade --no-emit-package pytest-modelpin-runtime \
	    --output-file "$${group%.in}.txt" "$$group" pyproject.toml; \
	done
