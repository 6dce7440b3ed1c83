# Own the commands that a person types; know no rule of their own: settings live in pyproject.toml.
#
# Needs Python 3.11 or newer and make, nothing else. Everything lands in .venv, inside this clone.

PYTHON ?=
CANDIDATES := $(or $(PYTHON),python3.13 python3.12 python3.11 python3)
ARGS ?=
MINUTES ?= 10
SEED ?=
DEMO := plugins/demo.py
UV_VERSION := 0.13.8

BIN := .venv/bin
# A copied or moved clone has a .venv that imports the old place, so the stamps carry the place in their names.
PLACE := $(shell pwd -P | cksum | cut -d ' ' -f 1)
REQUIREMENTS_STAMP := .venv/.requirements-$(PLACE)
PACKAGES_STAMP := .venv/.packages-$(PLACE)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test test-python test-go test-node test-rust soak bench check format schemas lock clean

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

setup: $(PACKAGES_STAMP) ## make .venv (all others do this by themselves)

demo: setup ## see the hub at work
	@$(BIN)/python $(DEMO)

test: setup ## run all tests of all languages; ARGS="-k words" chooses some of Python's
	@$(BIN)/python -m tests.languages.run all $(ARGS)

test-python test-go test-node test-rust: test-%: setup
	@$(BIN)/python -m tests.languages.run $* $(ARGS)

soak: setup ## let modules die in every way for MINUTES=10 and account for each call; SEED=n does it again
	@$(BIN)/python -m tests.soak.drive --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

bench: setup ## measure the hub beside its peers, ten minutes; ARGS="--quick", ARGS="--only add --quick"
	@$(BIN)/python -m tests.benchmarks.run $(ARGS)

# All steps run, whatever the first one says: one round shows everything there is to mend.
check: setup ## format, lint, types, schemas and house rules; changes nothing
	@failed=; step() { name=$$1; shift; echo "== $$name"; "$$@" || failed="$$failed $$name"; }; \
	step format $(BIN)/ruff format --check --quiet --output-format concise .; \
	step lint $(BIN)/ruff check --quiet --output-format concise .; \
	step types $(BIN)/basedpyright; \
	step schemas $(BIN)/python -m hub_protocol.schemagen --check; \
	step house $(BIN)/python -m pytest -q --tb=short tests/house; \
	[ -z "$$failed" ] || { echo "cannot pass:$$failed" >&2; echo "hint: make format mends layout and some lint; make schemas writes the schemas" >&2; exit 1; }

format: setup ## lay out the code and mend what the linter can mend
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

schemas: setup ## write schemas/ from the models
	@$(BIN)/python -m hub_protocol.schemagen --write

lock: setup ## choose new versions for requirements.txt
	@$(BIN)/python -m venv build/lock
	@build/lock/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
	@UV_CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/uv pip compile pyproject.toml --group dev --output-file requirements.txt \
		--quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-emit-index-url --no-emit-find-links --no-emit-package hub-protocol

clean: ## remove what make made, .venv too
	@rm -rf .venv build .hypothesis .pytest_cache
	@find . -type d \( -name __pycache__ -o -name .ruff_cache \) -prune -exec rm -rf {} +

# A name on PATH proves nothing (a version manager leaves shims for what is not installed), so each candidate is run.
# A stamp holds a checksum of its inputs: a git checkout that only touches them rebuilds nothing.
# --no-deps: requirements.txt lists everything, with hashes; what it does not list must not slip in.
$(REQUIREMENTS_STAMP): requirements.txt
	@now=$$(cksum < requirements.txt); [ "$$now" != "$$(cat $@ 2>/dev/null)" ] || { touch $@; exit 0; }; \
	for candidate in $(CANDIDATES); do \
		"$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=$$candidate && break; \
	done; \
	if [ -z "$$python" ]; then \
		echo "cannot set up .venv: no Python 3.11 or newer with its venv module (tried: $(CANDIDATES))" >&2; \
		echo "hint: install one (Debian and Ubuntu: python3 and python3-venv), or name it: make setup PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	echo "setting up .venv with $$($$python --version), once: about half a minute"; \
	rm -rf .venv && $$python -m venv .venv && $(PIP) install --no-deps --require-hashes -r requirements.txt && echo "$$now" > $@

# What stands below the first lint table says nothing about the installation.
$(PACKAGES_STAMP): $(REQUIREMENTS_STAMP) pyproject.toml protocol/pyproject.toml sdk/python/pyproject.toml
	@now=$$(for file in $(filter %.toml,$^); do sed '/^\[tool\.ruff/,$$d' $$file; done | cksum); \
	[ "$$now" != "$$(cat $@ 2>/dev/null)" ] || { touch $@; exit 0; }; \
	$(PIP) install --no-deps --no-build-isolation -e ./protocol -e ./sdk/python -e . && echo "$$now" > $@
