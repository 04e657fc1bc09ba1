# `make` lists what there is. ARGS goes to `make run`:
#
#	make run ARGS="--target inngest-js@4.24.0"

ROOMS := suite vectors fuzz reference runner
ARGS  ?=

# Go switches cgo off by itself where there is no C compiler.
ifeq ($(shell go env CGO_ENABLED),1)
RACE := -race
endif

.DEFAULT_GOAL := help
.PHONY: help run build test check format vet lint imports generate generated

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
