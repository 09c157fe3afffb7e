module github.com/kycle/kycle

go 1.25.0

require (
	github.com/google/uuid v1.6.0
	github.com/looplab/fsm v1.0.3
	pgregory.net/rapid v1.3.0
)
