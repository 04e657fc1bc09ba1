# `make` lists what there is. ARGS goes to `make run`:
#
#	make run ARGS="--target inngest-js@4.24.0"
#	make fuzz FUZZTIME=1h

ROOMS := suite vectors fuzz reference runner
ARGS  ?=

FUZZTIME ?= 8s
CHECKS   ?= 20000

# Go switches cgo off by itself where there is no C compiler.
ifeq ($(shell go env CGO_ENABLED),1)
RACE := -race
endif

.DEFAULT_GOAL := help
.PHONY: help run build test fuzz check format vet lint imports generate generated

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## judge the embedded reference
	@go run ./runner/cmd/countersign run $(ARGS)

build: ## make bin/countersign
	go build -o bin/countersign ./runner/cmd/countersign

test: ## all tests, with the race detector where there is a C compiler
	@$(if $(RACE),:,echo "!!! NO C COMPILER: the tests run WITHOUT the race detector !!!")
	go test $(RACE) ./...
	$(if $(RACE),go test ./suite/zoo)
	@$(if $(RACE),:,echo "!!! NO C COMPILER: the tests ran WITHOUT the race detector !!!")

fuzz: ## a minute of fuzzing: every property CHECKS times, every native target for FUZZTIME
	@echo "# properties and machines, $(CHECKS) times each"
	@go test ./fuzz -rapid.checks $(CHECKS) -run "^($$(go test -list '^Fuzz' ./fuzz | sed -n 's/^Fuzz/Test/p' | paste -sd '|'))\$$"
	@set -e; for package in $$(go list ./fuzz/native/...); do \
		for name in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "# $$name, $(FUZZTIME)"; \
			go test $$package -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x; \
		done; \
	done

check: test format vet lint imports generated ## the tests, and all that keeps the house in order

format: ## is everything formatted as gofmt does?
	@unformatted=$$(gofmt -l $(ROOMS)); test -z "$$unformatted" || { echo "gofmt these:"; echo "$$unformatted"; exit 1; }

vet: ## go vet
	go vet ./...

lint: ## staticcheck, at the version that go.mod pins
	go tool staticcheck ./...

imports: ## does every package import only what it may?
	@.ci/imports

generate: ## write the generated files anew
	go generate ./...

generated: ## are the generated files fresh?
	@.ci/generated
