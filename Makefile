# Flowyard's commands. `make` alone lists them. Nothing is needed but make and Python 3.11 or newer.

SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
ARGS ?=
PYTEST_ARGS ?=
EXTRA ?= worker
CASES ?=
FROM ?=
SEED ?=
MINUTES ?=
RUNS ?=
CONSOLE ?= test
KEEP ?=
PICTURES ?=
REPORTS := .cache/tests
GROWTH := latency fanout live-100 live-1000 live-10000 long-chain wide-fanout timers

# Suites that several processes share, file by file; those that wait so much, for a browser, a
# broker or a recorded timer, that two go well together; and those that want the machine for
# themselves: they say how soon something has to happen, or load it on purpose.
SHARED := architecture unit integration fuzz contract
PAIRED := browser conformance
ALONE := speed cluster simulation chaos

# A stamp tells that an extra is installed as pyproject.toml and constraints.txt ask for it, so
# that a warm run costs nothing. Where the tools of developers are installed, `dev` uses those.
SETUP_INPUTS := pyproject.toml constraints.txt tools/setup.sh
DEV_STAMP := .venv/.installed-dev
CHART_STAMP := .venv/.installed-chart
RUN_STAMP := $(if $(wildcard $(DEV_STAMP)),$(DEV_STAMP),.venv/.installed-all)

.PHONY: help setup dev console console-dev console-schema client check fmt test test-kafka conformance fuzz schemathesis api-examples simulation \
	bench bench-cluster bench-peer bench-growth bench-finished bench-scale bench-steady bench-tracing bench-retention bench-floors \
	chaos upgrade screenshots docs lock image-steps sbom check-helm check-observability up up-observed down clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-19s %s\n", $$1, $$2}' Makefile

setup: $(DEV_STAMP) ## Create .venv with Flowyard and everything that its developers use

dev: $(RUN_STAMP) console ## Run Flowyard on this machine, in one process: the address is printed
	@exec $(BIN)/flowyard dev $(ARGS)

console: $(RUN_STAMP) ## Build the web console into the API; nothing to do when it is up to date
	@$(BIN)/python -m tools.console build

console-dev: $(RUN_STAMP) ## Serve the console's sources, beside an API: FLOWYARD_SERVER=address
	@$(BIN)/python -m tools.console dev $(ARGS)

console-schema: $(DEV_STAMP) ## Write the console's types of the API anew
	$(BIN)/python -m tools.console schema

client: $(DEV_STAMP) ## Write the Python client's operations and models anew
	$(BIN)/python -m tools.client

check: $(DEV_STAMP) ## Lint, types, import contracts, spelling, generated files, compose file, Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m tools.generate_docs --check
	$(BIN)/python -m tools.client --check
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/python -m tools.console check

fmt: $(DEV_STAMP) ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m tools.console format

test: $(DEV_STAMP) console ## Run all tests; those on a real Kafka where Java and Maven are found
	$(if $(CONSOLE),$(BIN)/python -m tools.console test)
	$(if $(SHARED),$(BIN)/pytest --numprocesses=auto --dist=loadfile --durations=15 \
		--junitxml=$(REPORTS)/shared.xml $(PYTEST_ARGS) $(addprefix tests/,$(SHARED)))
	$(if $(PAIRED),$(BIN)/pytest --numprocesses=2 --dist=loadfile --durations=15 \
		--junitxml=$(REPORTS)/paired.xml $(PYTEST_ARGS) $(addprefix tests/,$(PAIRED)))
	$(if $(ALONE),$(BIN)/pytest --durations=15 \
		--junitxml=$(REPORTS)/alone.xml $(PYTEST_ARGS) $(addprefix tests/,$(ALONE)))

test-kafka: $(DEV_STAMP) ## Run only the tests on a real Kafka, and fail if it cannot be had
	FLOWYARD_REQUIRE_KAFKA=1 $(BIN)/pytest -m kafka --durations=15 $(PYTEST_ARGS)

conformance: $(DEV_STAMP) ## Play a folder of cases recorded from bamboo and bk-sops: CASES=folder
	$(BIN)/python -m tests.conformance.recorded $(CASES)

fuzz: $(DEV_STAMP) ## Try inputs that no run has tried before: MINUTES=5, TARGETS="import record"
	$(BIN)/python -m tests.fuzz $(or $(MINUTES),5) $(TARGETS)

schemathesis: $(DEV_STAMP) ## Ask the API thousands of times what its OpenAPI promises: CASES=40 of each operation
	$(BIN)/python -m tests.contract $(CASES)

api-examples: $(DEV_STAMP) ## Record the examples of the API's documentation anew
	$(BIN)/python -m tests.contract.record

simulation: $(DEV_STAMP) ## Schedules of crash, delay and reorder in virtual time: SEED=first RUNS=1000
	$(BIN)/python -m tests.support.simulation.campaign --patient --first $(or $(SEED),1) \
		--processes $$(nproc) --runs $(or $(RUNS),1000)

bench: $(RUN_STAMP) ## Measure the four workloads on an embedded Flowyard
	$(BIN)/flowyard bench --embedded $(ARGS)

bench-cluster: $(DEV_STAMP) ## The same on separate processes, a real Kafka and a real Postgres
	$(BIN)/python -m tests.bench.on_cluster $(ARGS)

bench-peer: $(DEV_STAMP) ## The four workloads on Flowyard and on DBOS, in one table
	$(BIN)/python -m tests.bench.peer $(ARGS)

bench-growth: $(DEV_STAMP) ## Many instances, long and wide flows, timers of one second: some minutes
	$(BIN)/python -m tests.bench.on_cluster $(foreach one,$(GROWTH),--workload $(one)) $(ARGS)

bench-finished: $(DEV_STAMP) ## The bench before and after a million finished instances: five minutes
	$(BIN)/python -m tests.bench.finished $(ARGS)

bench-scale: $(DEV_STAMP) ## 1, 2, 4 and 8 workers: the line, and what bends it first
	$(BIN)/python -m tests.bench.scale $(ARGS)

bench-steady: $(DEV_STAMP) ## Half an hour of steady load: the memory of each process
	$(BIN)/python -m tests.bench.on_cluster --steady 30 $(ARGS)

bench-tracing: $(DEV_STAMP) ## What traces cost: none, a tenth and all instances recorded, in one run
	$(BIN)/python -m tests.bench.tracing $(ARGS)

bench-retention: $(DEV_STAMP) ## What live work loses while ended instances move out, in one run
	$(BIN)/python -m tests.bench.retention $(ARGS)

bench-floors: $(DEV_STAMP) ## What each part costs at least: Kafka, Postgres, HTTP, JSON, the engine
	$(BIN)/python -m tests.bench.floors $(ARGS)

chaos: $(DEV_STAMP) ## Break a cluster under load, then check the ledger: SEED=n MINUTES=m KEEP=folder
	$(BIN)/python -m tests.chaos.command --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED)) \
		$(if $(KEEP),--keep $(KEEP)) $(ARGS)

upgrade: $(DEV_STAMP) ## Upgrade a cluster under load from an older commit: FROM=cb4c809
	$(BIN)/python -m tests.upgrade.from_commit $(FROM)

screenshots: $(DEV_STAMP) console ## Take the pictures of docs/images anew, then look at them: PICTURES="run home"
	$(BIN)/python -m tests.pictures $(PICTURES)

docs: $(DEV_STAMP) ## Write the generated pages under docs/
	$(BIN)/python -m tools.generate_docs

lock: $(DEV_STAMP) ## Write constraints.txt anew, with current releases
	$(BIN)/python -m uv pip compile pyproject.toml --universal --python-version 3.11 \
		--extra dev --extra console --extra build --extra chart --extra sbom --upgrade \
		--no-annotate --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --quiet --output-file constraints.txt

image-steps: $(DEV_STAMP) ## Run the Dockerfile's install steps without Docker: EXTRA=worker
	$(BIN)/python -m tools.image_steps $(EXTRA)

sbom: $(DEV_STAMP) ## Write a CycloneDX bill of what an image has installed: EXTRA=worker
	$(BIN)/python -m tools.sbom $(EXTRA)

check-helm: $(CHART_STAMP) ## Render the Helm chart, and hold it to Kubernetes' and our own rules; needs Go
	$(BIN)/python -m tools.chart_tools
	FLOWYARD_REQUIRE_HELM=1 $(BIN)/pytest --numprocesses=2 --durations=5 $(PYTEST_ARGS) tests/chart

check-observability: $(DEV_STAMP) ## Traces, metrics, alerts, dashboards on real servers; needs Go, Maven, Prometheus
	$(BIN)/python -m tools.observability_tools
	FLOWYARD_REQUIRE_OBSERVABILITY=1 FLOWYARD_REQUIRE_KAFKA=1 \
		$(BIN)/pytest --durations=5 $(PYTEST_ARGS) tests/observability

up: ## Start the smallest cluster with Docker Compose
	docker compose up --build --detach --wait

up-observed: ## The same with Prometheus, Grafana, Jaeger and a collector: http://127.0.0.1:3000
	docker compose --env-file deploy/observability/compose.env --profile observability \
		up --build --detach --wait

down: ## Stop it; its data stays in its volumes
	docker compose --profile observability down

clean: ## Remove .venv and every cache; .flowyard, the data of `make dev`, stays
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf build dist services/api/src/flowyard_api/bundle
	rm -rf services/console/node_modules services/console/generator/node_modules
	find libs services tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

$(DEV_STAMP): $(SETUP_INPUTS)
	@sh tools/setup.sh dev
	@touch $@

$(CHART_STAMP): $(DEV_STAMP)
	@sh tools/setup.sh dev,chart
	@touch $@

.venv/.installed-all: $(SETUP_INPUTS)
	@sh tools/setup.sh all
	@touch $@
