# What CI runs is `make check`. Nothing here needs more than Go, make and git.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
MODULES     = . examples internal/integration internal/integration/etcd store/etcd
DECIDE      = lifecycle product kyc idpass refund audit store
REQUIRES    = github.com/google/uuid github.com/looplab/fsm pgregory.net/rapid

.PHONY: help test quick check prove generate cover mutants page bench fuzz format vet staticcheck tidy requires alone generated

help: ## what can be made
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

test: ## every test of every module, as the README says
	go test work

quick: ## between two edits: vet and the root module's tests
	go vet ./...
	go test ./...

check: format vet staticcheck requires tidy generated alone test ## all that CI runs
	go test -race -timeout 30m work

format: ## no file that gofmt would change
	@unformatted="$$(gofmt -l .)"; test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }

vet:
	go vet work

staticcheck:
	go run $(STATICCHECK) work

requires: ## the root module requires exactly the three packages
	@got="$$(GOWORK=off go list -m -f '{{if not (or .Main .Indirect)}}{{.Path}}{{end}}' all | sed '/^$$/d' | sort | tr '\n' ' ')"; \
	test "$$got" = "$(REQUIRES) " || { echo "the root module requires: $$got"; exit 1; }

tidy: ## go.mod and go.sum of every module say what is used
	@for m in $(MODULES); do (cd $$m && GOWORK=off go mod tidy -diff) || exit 1; done

generated: ## the generated pages and pictures are what go generate writes; a true picture is never drawn again
	go generate ./... ./examples/...
	@git diff --exit-code -- '*/LIFECYCLE.*' '*/CONVERGENCE.md' '*.svg' || { echo "generated files differ: commit what go generate wrote"; exit 1; }

alone: ## the root module by itself, as a host gets it
	GOWORK=off go build ./...
	GOWORK=off go test ./...

generate: ## write the generated pages anew, and draw the pictures (needs Graphviz where a table has changed)
	go generate ./... ./examples/...

cover: ## coverage of the packages that decide: 95 % at least, and the rest explained in MUTANTS.md
	go test -count=1 -coverprofile=cover.out $(addprefix ./,$(DECIDE))
	go run ./internal/mutants cover cover.out

mutants: ## break the code one token at a time: no break goes unnoticed, or MUTANTS.md says why; PKG="refund audit" for some
	go run ./internal/mutants $(PKG)

page: ## screenshots of the example host's page, in ./shots (needs Chromium)
	mkdir -p shots && cd internal/integration && go test -count=1 -run TestBrowser . -browser.shots=$(CURDIR)/shots

bench: ## the benchmarks; ratios are read within one run
	go test -run '^$$' -bench . ./lifecycle ./audit ./kyc ./idpass
	cd internal/integration && go test -run '^$$' -timeout 1h -bench . ./...

prove: ## the long proofs under faults: more histories, more records; 15 minutes at most
	cd internal/integration && timeout 480 go test -count=1 -timeout 7m -run 'IsLinearizable|Sweepers|Killed' . -linear.rounds 15 -sweep.records 20000
	cd internal/integration/etcd && timeout 420 go test -count=1 -timeout 6m -run 'IsLinearizable|LeaderStops' . -linear.rounds 15

fuzz: ## every fuzz target for ten seconds
	@set -e; for m in $(MODULES); do (cd $$m && for p in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime 10s $$p; done; done); done
