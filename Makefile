# Every target makes what it needs; only Python 3.11 (or newer) and make have to be there.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3 || echo python3)
BIN := .venv/bin
PYTEST_ARGS ?=

.PHONY: run setup setup-dev assets test check bench soak shots clean

run: setup
	@$(BIN)/guanxi prepare --demo
	@$(BIN)/guanxi serve --no-check

setup:
	@$(PYTHON) tools/setup.py
	@$(PYTHON) tools/assets.py

setup-dev:
	@$(PYTHON) tools/setup.py --dev
	@$(PYTHON) tools/assets.py

assets: setup
	@$(PYTHON) tools/assets.py --force

test: setup-dev
	@$(BIN)/python tools/test.py $(PYTEST_ARGS)

check:
	@$(PYTHON) tools/setup.py --dev
	@$(BIN)/python tools/check.py

bench: setup-dev
	@$(BIN)/guanxi bench --results bench

soak: setup-dev
	@$(BIN)/python tools/test.py --soak $(PYTEST_ARGS)

shots: setup-dev
	@$(BIN)/python tools/browser.py
	@$(BIN)/python tools/shots.py

clean:
	@rm -rf .venv build src/guanxi/web/static src/guanxi/web/assets/node_modules src/*.egg-info
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@echo "Clean. The data in var/ is kept."
