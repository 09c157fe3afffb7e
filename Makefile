# What CI runs is `make check`. Nothing here needs more than Go, make and git.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
MODULES     = . examples internal/integration internal/integration/etcd store/etcd
REQUIRES    = github.com/google/uuid github.com/looplab/fsm pgregory.net/rapid

.PHONY: help test quick check prove generate cover bench fuzz format vet staticcheck tidy requires alone generated

help: ## what can be made
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

test: ## every test of every module, as the README says
	go test work

quick: ## between two edits: vet and the root module's tests
	go vet ./...
	go test ./...

check: format vet staticcheck requires tidy generated alone test ## all that CI runs
	go test -race work

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

generated: ## the generated pages are what go generate writes
	go generate ./...
	@git diff --exit-code -- '*/LIFECYCLE.md' || { echo "generated pages differ: commit what go generate wrote"; exit 1; }

alone: ## the root module by itself, as a host gets it
	GOWORK=off go build ./...
	GOWORK=off go test ./...

generate: ## write kyc/LIFECYCLE.md and idpass/LIFECYCLE.md anew
	go generate ./...

cover: ## coverage of the root module, by function
	go test -coverprofile=cover.out -coverpkg=./... ./...
	go tool cover -func=cover.out

bench: ## the benchmarks; ratios are read within one run
	go test -run '^$$' -bench . ./lifecycle ./audit ./kyc ./idpass
	cd internal/integration && go test -run '^$$' -bench . ./...

prove: ## the long proofs under faults: more histories, more records; 15 minutes at most
	cd internal/integration && timeout 900 go test -count=1 -timeout 14m -run 'IsLinearizable|Sweepers|Killed' . -linear.rounds 15 -sweep.records 20000

fuzz: ## every fuzz target for ten seconds
	@set -e; for m in $(MODULES); do (cd $$m && for p in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime 10s $$p; done; done); done
