# One command each; every one sets up what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
READY_DEV = $(VENV)/.ready-dev
READY_BENCH = $(VENV)/.ready-bench

# make bench NAME: what follows "bench" names metrics, not targets.
ifeq (bench,$(firstword $(MAKECMDGOALS)))
NAME += $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
$(eval $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS)):;@:)
endif

.PHONY: help run test test-long check format bench bench-quick clean lock

help:
	@echo "make run     set up and open the demonstration at http://127.0.0.1:8000"
	@echo "make test    set up and run all tests"
	@echo "make test-long  the long runs: kills, replicas, load"
	@echo "make check   format, lint, types, import contracts and tests"
	@echo "make bench   measure against named peers: all, or make bench NAME (turn, webhook, ...)"
	@echo "make bench-quick  the ratios whose peers are installed anyway"

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	@touch $(READY)

$(READY_DEV): $(READY)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $(READY_DEV)

run: $(READY)
	$(BIN)/gendan demo

test: $(READY_DEV)
	$(BIN)/python -m compileall -q bot adapters conversations reminders store
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

test-long: $(READY_DEV)
	HYPOTHESIS_PROFILE=further $(BIN)/python -m pytest -q -m long

check: $(READY_DEV)
	$(BIN)/python -m compileall -q bot adapters conversations reminders store
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

format: $(READY_DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(READY_BENCH): $(READY_DEV)
	$(BIN)/python -m pip install --quiet -e '.[bench]'
	@touch $(READY_BENCH)

bench: $(READY_BENCH)
	$(BIN)/python benchmarks/run.py $(NAME)

bench-quick: $(READY_DEV)
	$(BIN)/python benchmarks/run.py --quick

lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist *.egg-info
