# `make` lists the targets. ARGS goes to `make run`:
#
#	make run ARGS="--target inngest-js@4.24.0"
#	make fuzz FUZZTIME=1h
#	make gallery GALLERY=heartbeat,cold-start
#	make lab LAB="inngest-js@3.18.0,newest" ARGS="--tier smoke"

FOLDERS := suite vectors fuzz reference runner
ARGS  ?=

# The limit for the tests of one package; only one that hangs takes this long.
TIMEOUT  ?= 30m
FUZZTIME ?= 8s
CHECKS   ?= 20000

# How many packages are tested at once: many tests wait.
ATONCE ?= 3

# Go switches cgo off by itself where there is no C compiler.
ifeq ($(shell go env CGO_ENABLED),1)
RACE := -race
# A program with the race detector sleeps for a second when it ends; many tests start one.
export GORACE ?= atexit_sleep_ms=20
endif

# What `make lab` judges. Targets whose tools or registries are missing are skipped.
LAB ?= reference second-opinion inngest-go@0.15.1,0.16.0 inngest-js@3.18.0,3.54.1,4.24.0 inngest-py@0.3.9,0.5.19 inngest-rs \
	$(addprefix inngest-js/,$(addsuffix @4.24.0,edge express express-unparsed fastify koa hono next)) \
	$(addprefix inngest-py/,$(addsuffix @0.5.19,flask django tornado))

# Outside a git repository this is empty, and the version is "(devel)".
VERSION ?= $(shell git describe --tags --always --dirty --abbrev=12 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run build test long fuzz hostile lab gallery check modules format vet lint workflows vulncheck imports generate generated

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## judge the embedded reference
	@go run ./runner/cmd/countersign run $(ARGS)

build: ## build bin/countersign, stamped with VERSION or what `git describe` says
	go build $(if $(VERSION),-ldflags '-X main.version=$(VERSION)') -o bin/countersign ./runner/cmd/countersign

test: ## the tests, with the race detector where there is a C compiler; what takes long is in `make long`
ifdef RACE
	go test -short -race -p $(ATONCE) -timeout $(TIMEOUT) ./...
else
	@echo "!!! NO C COMPILER: the tests run WITHOUT the race detector !!!"
	go test -short -p $(ATONCE) -timeout $(TIMEOUT) ./...
	@echo "!!! NO C COMPILER: the tests ran WITHOUT the race detector !!!"
endif

long: ## the tests that take long, without the race detector: all mutants, the gallery, published SDKs
	@TIMEOUT=$(TIMEOUT) ATONCE=$(ATONCE) .ci/long $(FOLDERS)

fuzz: ## a minute of fuzzing: every property CHECKS times, every native target for FUZZTIME
	@echo "# properties and machines, $(CHECKS) times each"
	@go test ./fuzz -rapid.checks $(CHECKS) -run "^($$(go test -list '^Fuzz' ./fuzz | sed -n 's/^Fuzz/Test/p' | paste -sd '|' -))\$$"
	@set -e; for package in $$(go list ./fuzz/native/...); do \
		for name in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "# $$name, $(FUZZTIME)"; \
			go test $$package -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x; \
		done; \
	done

hostile: ## hostile endpoints, children and streams: a table of what each command says, and needs
	@before=$$(ps -e | wc -l); HOSTILE=all go test ./runner/hostile -count=1 -timeout $(TIMEOUT) -v -run '^Test(Hostile|Endings)$$'; code=$$?; \
	echo "processes before: $$before, after: $$(ps -e | wc -l)"; exit $$code

lab: ## judge every built-in target at a few versions, set in LAB
	@go run ./runner/cmd/countersign matrix --any-verdict --skip-missing $(ARGS) $(LAB)

# GALLERY names endpoints, COLUMNS some of the ways. COUNTERSIGN_BEFORE is another
# version's command, which judges them, too.
GALLERY ?= all

gallery: ## judge every correct but peculiar endpoint in every way, and print a table
	@GALLERY=$(GALLERY) go test ./runner/gallerytest -run NoEndpointIsAccused -count 1 -v -timeout 3h

check: test long modules format vet lint workflows imports generated ## everything that must pass before a change is merged

modules: ## are go.mod and go.sum as `go mod tidy` leaves them?
	@for folder in . .ci/tools; do \
		go -C $$folder mod tidy -diff || { echo "Not tidy: run \`go -C $$folder mod tidy\` and commit the change."; exit 1; }; \
	done

format: ## is everything formatted as gofmt does?
	@unformatted=$$(gofmt -l $(FOLDERS)); test -z "$$unformatted" || { echo "gofmt these:"; echo "$$unformatted"; exit 1; }

vet: ## go vet
	go vet ./...

# Tools are a module of their own, .ci/tools. They are built in its folder, so that
# Go can choose the toolchain that they need without choosing it for our code.
BUILD_TOOL := go -C .ci/tools build -o $(CURDIR)/bin/

lint: ## staticcheck, at the version that .ci/tools/go.mod pins
	@$(BUILD_TOOL) honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck ./...

workflows: ## actionlint for the workflows, the action and the examples; shellcheck for their scripts
	@$(BUILD_TOOL) github.com/rhysd/actionlint/cmd/actionlint
	@.ci/workflows

vulncheck: ## govulncheck; it downloads the list of known vulnerabilities
	@$(BUILD_TOOL) golang.org/x/vuln/cmd/govulncheck
	bin/govulncheck ./...

imports: ## does every package import only what it may?
	@.ci/imports

generate: ## write the generated files anew
	go generate ./...

generated: ## are the generated files fresh?
	@.ci/generated
