# `make demo` and `make test` do everything on a fresh machine; `sudo make install` puts it on a server.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

# Whatever the machine says: hundreds of processes of the tests load the same modules, which are compiled once.
unexport PYTHONDONTWRITEBYTECODE

# From a lock file is installed what it says, and nobody is asked what is new.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP_INSTALL := $(BIN)/pip install --quiet --no-deps
PIP_INSTALL_THIS := PYTHONWARNINGS='ignore:Editable installation' $(PIP_INSTALL) --no-build-isolation --no-index -e .
PIP_CHECK := said=$$($(BIN)/pip check) || { echo "$$said"; exit 1; }

.PHONY: help demo install rollback uninstall wheels test test-browser test-standby test-systemd worlds check format lock bench clean

help:
	@echo "make demo            run the whole system on an embedded shop and a courier sandbox"
	@echo
	@echo "sudo make install    put it on this server, or upgrade it [WHEELS=folder] [PYTHON=path]"
	@echo "sudo make rollback   go back to the version before"
	@echo "sudo make uninstall  take it away; data and configuration stay"
	@echo "make wheels          fetch what an install without network needs, into wheels/"
	@echo
	@echo "make test            run the tests"
	@echo "make test-browser    run those that look at the page in Debian's Chromium; pictures: build/pictures/"
	@echo "make worlds          prove over 20,000 invented worlds that nothing is sent twice [WORLDS=number] [WORLDS_SEED=number]"
	@echo "make test-standby    run several daemons on a Galera cluster whose machines die [TAKEOVERS=number] [PACE=1: in real time]"
	@echo "make test-systemd    run those that boot a Debian of their own (root, systemd-container, mmdebstrap) [RELEASE=trixie]"
	@echo "make check           format, lint, types, architecture"
	@echo "make bench           measure against peers and the committed table (benchmarks/README.md) [ROUNDS=number]"
	@echo "make format          put the code into its form"
	@echo "make lock            renew the lock files after a change of pyproject.toml"
	@echo "make clean           remove the virtual environment and caches"

demo: $(VENV)/runtime
	@$(BIN)/paranad demo

install rollback uninstall:
	@etc/install.sh $@

# For the Python and the kind of processor of the machine that makes them.
wheels: wheels/complete
	@echo "wheels/ holds all that requirements.lock names: sudo make install WHEELS=wheels"

wheels/complete: requirements.lock | $(VENV)/bin/python
	@rm -rf wheels
	@$(BIN)/pip download --quiet --no-deps --require-hashes --only-binary :all: -r requirements.lock -d wheels
	@touch $@

# A test that hangs says where, and fails.
test: $(VENV)/dev
	@$(BIN)/pytest -n 3 --dist loadgroup -o faulthandler_timeout=120 -o faulthandler_exit_on_timeout=true

test-browser: $(VENV)/dev
	@PARANAD_BROWSER=1 $(BIN)/pytest -n 2 --dist loadfile tests/browser

test-standby: $(VENV)/dev
	@PARANAD_STANDBY=$(TAKEOVERS) PARANAD_PACE=$(PACE) PARANAD_SEED=$(SEED) $(BIN)/pytest -n 2 --dist loadfile tests/standby

test-systemd: $(VENV)/dev
	@PARANAD_SYSTEMD=$(RELEASE) $(BIN)/pytest -x tests/systemd

# Random, unless WORLDS_SEED says which worlds.
worlds: $(VENV)/dev
	@$(BIN)/python -m tests.worlds

check: $(VENV)/dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/dev
	@$(BIN)/python -m benchmarks $(ROUNDS)

format: $(VENV)/dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# The virtual environment holds exactly what the lock says; a changed lock renews it.
$(VENV)/dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@$(PIP_INSTALL_THIS)
	@$(PIP_CHECK)
	@touch $(VENV)/dev $(VENV)/runtime

$(VENV)/runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once) ..."
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@$(PIP_INSTALL_THIS)
	@$(PIP_CHECK)
	@touch $(VENV)/runtime

$(VENV)/bin/python:
	@[ -z "$(PYTHON)" ] || command -v "$(PYTHON)" >/dev/null || \
	  { echo "PYTHON: expected a Python 3.11 or later, got $(PYTHON), but there is no such program"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "paranad needs Python 3.11 or later; on Debian: apt-get install python3 python3-venv"; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "python3 cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-strip-extras --no-emit-index-url --no-emit-find-links \
  --no-emit-trusted-host --no-header

lock: | $(VENV)/bin/python
	@$(BIN)/pip install --quiet pip-tools
	@$(LOCK) --extra build -o requirements.lock pyproject.toml
	@$(LOCK) --extra build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist wheels *.egg-info
