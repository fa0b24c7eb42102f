# demo: the main job on the samples · test: the tests · newsroom: what shared cases need · check: style, types, layers · fix: what can be mended by machine
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test newsroom check fix bench eval-screen docs clean
help:
	@sed -n '1s/^# //p' Makefile

$(VENV)/.ready: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Witnessmark needs Python 3.11 or newer; name one with: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(VENV)/.ready
	@$(BIN)/python samples/demo.py

test: $(VENV)/.ready
	$(BIN)/python -m pytest -n auto

newsroom: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-newsroom.txt

check: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	$(BIN)/python -m bench

eval-screen: $(VENV)/.ready
	$(BIN)/python bench/screening.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
