# Everything runs from the repository's root; `make` lists the targets.

VENV     := .venv
STAMP    := $(VENV)/.installed
FUZZTIME ?= 10s
# Less collecting of garbage: a fifth less work for the compiler and the tests. A package needs at most 2 GB.
export GOGC ?= 400

.DEFAULT_GOAL := help
.PHONY: help render check pictures images test test-go test-runtime demo load programs test-long cover race lint lint-templates fuzz bench clean need-go need-cc need-ip need-nft

# What the run-time tests start; Envoy and the AWS emulator come with the Python packages.
POSTGRESQL := bin/postgresql/.installed
COLLECTOR  := bin/collector
# Without these two programs, the tests cannot put the security groups' rules to a kernel.
NAMESPACES := $(if $(filter 1,$(ALLOW_NO_NETNS)),,need-ip need-nft)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s%s\n", $$1, $$2 }' Makefile

render: need-go ## Write the templates to golden/
	go run ./cmd/render

check: need-go ## Compare golden/ with what would be rendered
	go run ./cmd/render --check

pictures: need-go ## Draw docs/pictures from golden/
	go -C tools/pictures run .

images: need-go ## Make the images of the services in bin/images; ARGS='--help' says what else
	go -C tools/images run . $(ARGS)

# The tests read our YAML with a YAML 1.1 reader as well, the one that cfn-lint brings, and deploy to an AWS emulator.
test: export TIERFORM_PYTHON := $(CURDIR)/$(VENV)/bin/python
test: export TIERFORM_EMULATOR := $(CURDIR)/$(VENV)/bin/python
test: $(NAMESPACES) $(STAMP) test-go lint-templates test-runtime ## Run everything: the gate for every change

test-go: lint cover race check ## Run everything that needs Go only
	tools/each-module.sh --others go test ./...

# Each module's tests skip what needs the programs unless the variable names the folder that holds them.
test-runtime: $(NAMESPACES) programs need-cc ## Run the tests that start the services with the real Envoy, collector and PostgreSQL
	TIERFORM_RUNTIME=$(CURDIR) go -C services test -race ./...
	TIERFORM_RUNTIME=$(CURDIR) go -C test/runtime test ./...

demo: $(NAMESPACES) programs ## Run the whole platform on this machine, to try it and break it; ARGS='--help' says more
	TIERFORM_RUNTIME=$(CURDIR) go -C test/runtime run ./cmd/demo $(ARGS)

load: $(NAMESPACES) programs ## Measure it under load, with and without Envoy; ARGS='--write docs/performance.md' keeps the tables
	TIERFORM_RUNTIME=$(CURDIR) go -C test/runtime run ./cmd/load $(ARGS)

programs: $(STAMP) $(POSTGRESQL) $(COLLECTOR) ## Install what the run-time tests start; with -j at the same time

# Where goroutines are started; a test of internal/architecture guards the list. What the emulator answers adds none to those of the
# simulator: its tests run once, in cover. Of pkg/checks only VerifyEach is concurrent.
RACE := ./cmd/deploy ./internal/deploy/... ./internal/simulator ./internal/rehearsal ./pkg/cfn ./pkg/templates
race: need-go need-cc ## Run the tests of what is concurrent with the race detector, on smaller samples
	env -u TIERFORM_EMULATOR go test -race -short -timeout 25m $(RACE)
	go test -race -short -run Each ./pkg/checks

test-long: need-go ## Run the fuzz targets longer, the whole mutation campaign, thousands of releases that go wrong, a thousand deployments and releases, then the benchmarks and the load
	TIERFORM_CAMPAIGN=1 go test -count 1 -timeout 60m -run '^(TestCampaign|TestForeignStylesOfMutants)$$' -v ./pkg/checks
	TIERFORM_DEPLOYMENTS=1000 go test -count 1 -timeout 60m -run '^TestAThousand(Deployments|Releases)$$' ./internal/deploy
	TIERFORM_RELEASES=2000 go test -count 1 -timeout 60m -run '^TestReleaseInterleavings$$' ./internal/deploy
	$(MAKE) fuzz FUZZTIME=3m
	$(MAKE) bench
	$(MAKE) load

cover: need-go ## Run the tests in full; every statement of pkg/ and internal/ must be covered
	tools/coverage.sh coverage.out

lint: need-go ## Check formatting, go vet and staticcheck in all modules, and the workflow of pipelines/
	@unformatted=$$(gofmt -l .) && test -z "$$unformatted" || { echo "run gofmt -w on:" $$unformatted; exit 1; }
	tools/each-module.sh go vet ./...
	go -C tools/lint build -o $(CURDIR)/bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	tools/each-module.sh $(CURDIR)/bin/staticcheck ./...
	go -C tools/lint build -o $(CURDIR)/bin/actionlint github.com/rhysd/actionlint/cmd/actionlint
	bin/actionlint -shellcheck= -pyflakes= pipelines/github-actions.yml

lint-templates: $(STAMP) ## Check all templates with cfn-lint, configured in .cfnlintrc
	$(VENV)/bin/python $(VENV)/bin/cfn-lint golden/*.yaml $(wildcard examples/*/golden/*.yaml) pipelines/codepipeline.yaml

fuzz: need-go ## Run each fuzz target for FUZZTIME (10s)
	tools/fuzz.sh $(FUZZTIME)

bench: need-go ## Run the benchmarks of all modules
	tools/each-module.sh go test -run '^$$' -bench . -benchmem ./...

clean: ## Remove what the other targets installed or built
	rm -rf $(VENV) bin coverage.out

need-go need-cc need-ip need-nft:
	@tools/need.sh $(@:need-%=%)

# Python tools are installed anew whenever the pinned versions change.
$(STAMP): tools/python/requirements.txt
	@tools/need.sh python3
	python3 -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(POSTGRESQL): tools/postgresql.py
	@tools/need.sh python3
	python3 $< $(@D)

# A thousand packages, some of them huge: five minutes of CPU time and 2 GB of memory on an empty cache. Without -trimpath, Go's own
# packages are compiled once for this and for everything else; with the higher GOGC, the compiler needs a tenth to 40 % less, the largest most.
$(COLLECTOR): $(wildcard test/collector/*.go test/collector/go.*) | need-go
	GOGC=400 go -C test/collector build -ldflags='-s -w' -o $(CURDIR)/$@ .
