# What you can do here. Every target sets up what it needs in .venv by itself:
# Python 3.11 with pip is enough (also where Python comes without ensurepip).
#
#   make demo     a supplier publishes, a buyer pulls, Scope 3 is calculated, an endpoint is checked
#   make test     all tests
#   make check    ruff, format, mypy --strict
#   make serve    a server with example data on http://127.0.0.1:8700
#   make bench    the measurements that the documentation quotes
#   make kill-rate  every lying server against the suite, as a matrix
#   make mutation   what no test of check and of the suite's judging would miss (an hour or more)
#   make docs     the documentation as a site, in site/

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python

.PHONY: demo test check format serve bench kill-rate mutation docs constraints clean
.DEFAULT_GOAL := demo

demo: $(STAMPS)/demo
	@$(BIN)/scdx demo

test: $(STAMPS)/dev
	@$(BIN)/python -m pytest -n auto --dist loadscope $(PYTEST_ARGS)

check: $(STAMPS)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMPS)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: $(STAMPS)/demo
	@$(BIN)/python examples/serve_example.py

bench: $(STAMPS)/dev
	@$(BIN)/python benchmarks/run.py

kill-rate: $(STAMPS)/dev
	@$(BIN)/python tests/conformance/kill_rate.py

mutation: $(STAMPS)/mutation
	@$(BIN)/python tests/mutation/run.py $(MUTATION_ARGS)

docs: $(STAMPS)/dev
	@$(BIN)/python docs/build.py

constraints: $(STAMPS)/dev $(STAMPS)/mutation
	@{ sed -n '/^#/p' constraints.txt; $(PIP) freeze --exclude-editable | grep '==' | sort -f; } > constraints.new
	@mv constraints.new constraints.txt

$(STAMPS)/%: pyproject.toml constraints.txt spec/scdx_spec/__init__.py
	@command -v $(PYTHON) >/dev/null || { echo "This needs Python 3.11 or newer as $(PYTHON) (or: make PYTHON=…)"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer; $(PYTHON) is older (or: make PYTHON=…)"; exit 2; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo "This needs pip for $(PYTHON) (Debian: apt install python3-pip)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	@echo "Setting up $(VENV) for '$*' (once; a few minutes on a slow line) …"
	@PIP_CONSTRAINT= $(PIP) install --quiet --constraint constraints.txt --editable '.[$*]'
	@mkdir -p $(STAMPS) && touch $@

clean:
	rm -rf $(VENV) site dist
