# `make report` and `make test` are all a newcomer needs; `make help` explains the rest.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
DEMO := data/demo
.DEFAULT_GOAL := help
.PHONY: help setup report test test-pretrained test-oldest test-newest pretrained faults lab app format lint type docs pictures bench data licences lock check clean

help:  ## Say what every target does
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 18

setup: .venv/.ready  ## Make .venv and install what requirements.lock names

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Python 3.11, 3.12 or 3.13 is needed; name it with: make setup PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/.ready

report: setup  ## Plan the demo workspace's current round and say where its report lies
	$(BIN)/alignment plan $(DEMO) --round 2026Q1 --output reports

test: setup  ## Run the whole suite: lint, types, layers, tests, doctests, notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval-lax tests alignment_lib notebooks

test-pretrained: pretrained  ## Run the tests of pretrained models, on a tiny model drawn at random
	$(BIN)/python -m pytest -n 0 tests/unit/forecasting/test_pretrained.py

test-oldest: setup  ## Run the tests on the oldest versions that pyproject.toml allows
	RESOLUTION=lowest-direct sh tests/versions.sh $(BIN)/uv

test-newest: setup  ## Run the tests on the newest versions that pyproject.toml allows
	RESOLUTION=highest sh tests/versions.sh $(BIN)/uv

pretrained: setup  ## Install what runs a pretrained model of one's own (large: torch)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-pretrained.lock

faults: setup  ## Run the whole group of fault tests, each printing its count and seed; SEED=… replays a run
	@mkdir -p build
	@SEED="$(SEED)" $(BIN)/python -m pytest -n 0 -m faults -s tests/faults > build/faults.log; code=$$?; cat build/faults.log; \
		$(BIN)/python -m docs.reliability build/faults.log; exit $$code

lab: setup  ## Open JupyterLab on the first notebook
	$(BIN)/jupyter lab --ip 127.0.0.1 notebooks/1_history.ipynb

app: setup  ## Open the scenario page on the demo workspace
	$(BIN)/alignment app $(DEMO)

format: setup  ## Format code and strip notebook outputs
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/nbstripout notebooks/*.ipynb

lint: setup  ## Check style, layers and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/codespell

type: setup  ## Check types
	$(BIN)/mypy

docs: setup  ## Write the documents that are made from code
	$(BIN)/python -m docs.build

pictures: report  ## Take the README's pictures from the report and the scenario page
	$(BIN)/python -m docs.screenshots

bench: setup  ## Measure accuracy and speed against the named peers; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

data: setup  ## Draw the demo workspace again, to the byte, and its earlier rounds through the product
	$(BIN)/python -m data.generator
	for round in 2025Q2 2025Q3 2025Q4; do \
		$(BIN)/alignment plan $(DEMO) --round $$round --output $(DEMO)/rounds --no-report --quiet \
			--keep 0 --cache .cache/demo || exit 1; \
	done
	rm -f $(DEMO)/rounds/*/demo.log.jsonl $(DEMO)/rounds/ledger.jsonl  # They hold readings of the clock.

licences: setup  ## Write the bill of materials and the list of licences from what the lock names
	@mkdir -p build
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --short-PURLs \
		-o build/sbom.json $(BIN)/python
	$(BIN)/python -m docs.licences build/sbom.json

lock: setup  ## Resolve requirements.lock and environment.yml again from pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --quiet pyproject.toml -o requirements.lock

check: setup  ## Check the demo workspace's inputs
	$(BIN)/alignment check $(DEMO)

clean:  ## Remove what was generated: reports, caches and .venv
	rm -rf .venv build reports/[0-9]* reports/.cache reports/index.html .mypy_cache .pytest_cache .ruff_cache \
		.hypothesis .import_linter_cache
