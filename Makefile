# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test check format lock bench clean

help:
	@echo "make demo    run the whole system on an embedded shop and a courier sandbox"
	@echo "make test    run the tests"
	@echo "make check   format, lint, types, architecture"
	@echo "make bench   measure against peers (benchmarks/README.md)"
	@echo "make format  put the code into its form"
	@echo "make lock    renew the lock files after a change of pyproject.toml"
	@echo "make clean   remove the virtual environment and caches"

demo: $(VENV)/runtime
	@$(BIN)/paranad demo

test: $(VENV)/dev
	@$(BIN)/pytest -n 2 --dist loadgroup

check: $(VENV)/dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/dev
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.bridge

format: $(VENV)/dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# The virtual environment holds exactly what the lock says; a changed lock renews it.
$(VENV)/dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $(VENV)/dev $(VENV)/runtime

$(VENV)/runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once) ..."
	@$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $(VENV)/runtime

$(VENV)/bin/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "paranad needs Python 3.11 or later; on Debian: apt-get install python3 python3-venv"; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "python3 cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links \
  --no-emit-trusted-host --no-header

lock: | $(VENV)/bin/python
	@$(BIN)/pip install --quiet pip-tools
	@$(LOCK) --extra build -o requirements.lock pyproject.toml
	@$(LOCK) --extra build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist *.egg-info
