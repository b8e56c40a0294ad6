# Each target sets up what it needs, in .venv; all it takes is make and Python 3.11 or newer.

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3 python, \
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(name))))
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE  # each process would compile everything again
PIP_OPTIONS := --quiet --quiet --disable-pip-version-check --no-input

.PHONY: help demo test browser check bench crash constraints clean

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

demo: .venv/installed ## try Parley in your browser, at a company that is made up
	@$(BIN)/python -m bot demo

test: .venv/installed-dev browser ## run all tests, on SQLite and on PostgreSQL, and the page's in a browser
	$(BIN)/python -m pytest -n 4 --dist worksteal

browser: ## install Debian's Chromium without its windows where there is none and this is root, as in a container
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
		&& echo "installing Chromium for the page's tests (once)" && apt-get update -qq >/dev/null \
		&& DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends chromium-headless-shell >/dev/null; } \
		|| echo "no browser here: the page's own tests are skipped; to run them: apt-get install chromium-headless-shell"

check: .venv/installed-dev ## format, lint, types, and who may import whom
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed-bench ## measure Parley side by side with a bare server, the obvious design and bolt-js
	@$(BIN)/python -m bench

crash: .venv/installed-dev ## kill Parley a hundred times on each database, and count what was lost or done twice
	@$(BIN)/python -m bench.crash --database sqlite
	@$(BIN)/python -m bench.crash --database postgresql

constraints: ## pin anew: the newest versions that pyproject.toml allows
	rm -rf .venv/newest
	$(PYTHON) -m venv .venv/newest
	.venv/newest/bin/python -m pip install $(PIP_OPTIONS) -e .[bench,dev]
	grep '^#' constraints.txt > .venv/pins
	.venv/newest/bin/python -m pip freeze --exclude-editable >> .venv/pins
	mv .venv/pins constraints.txt
	rm -rf .venv/newest

clean: ## remove what make has made
	rm -rf .venv

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Parley needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing Parley in .venv (once)"
	@$(BIN)/python -m pip install $(PIP_OPTIONS) -c constraints.txt -e .
	@$(BIN)/python -m compileall -q bot storage  # the first start is as quick as the next
	@touch $@

.venv/installed-dev: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing Parley and what its tests need in .venv (once)"
	@$(BIN)/python -m pip install $(PIP_OPTIONS) -c constraints.txt -e '.[dev]'
	@touch .venv/installed $@

.venv/installed-bench: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing Parley and what it is compared with in .venv (once)"
	@$(BIN)/python -m pip install $(PIP_OPTIONS) -c constraints.txt -e '.[bench]'
	@touch .venv/installed $@
