package etcd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/kycle/kycle/store"
)

// Store is a store.Repository. All its methods may be called at once. It has no state: the
// cluster is all there is, and any number of stores of one prefix are one.
type Store[A any] struct {
	client *clientv3.Client
	schema store.Schema[A]
	keys   layout
}

// New makes a store of what lies under a prefix, which is text without NUL; stores of
// different prefixes, and of different kinds under one, never meet. It asks nothing of the
// cluster and may be called any number of times, in any number of processes. The client
// stays the caller's to close, after the last use of the store.
func New[A any](client *clientv3.Client, prefix string, schema store.Schema[A]) *Store[A] {
	return &Store[A]{client: client, schema: schema, keys: layout{prefix: prefix + "\x00", kind: schema.Kind}}
}

// A member's limits on one transaction, where nobody has set others.
const (
	maxOperations = 128
	maxBytes      = 1536 << 10
)

// TooLarge is a change that etcd would not take. It was not sent, nothing of it is there,
// and the same change will always be refused: it must be made of less.
type TooLarge struct {
	Operations int // 128 at most
	Bytes      int // with keys and framing; 1.5 MiB at most
}

func (t *TooLarge) Error() string {
	return fmt.Sprintf("etcd: %d operations and %d bytes in one commit, and there may be %d and %d",
		t.Operations, t.Bytes, maxOperations, maxBytes)
}

// errUnfit: a change that no decision on the present record can have made.
var errUnfit = errors.New("etcd: the change does not fit the record")

// errDamaged: a value that this package cannot have written.
var errDamaged = errors.New("etcd: damaged value")

// How often a read is asked, and how long it waits between: as often and as long as the
// client does with those it repeats by itself. It knows nothing of a transaction that only
// reads. That is 2.5 seconds in all, and who has less time gets an answer when it is over.
const (
	readAttempts = 100
	readPause    = 25 * time.Millisecond
)

// ask reads, all operations at one moment. A member that is not available, or that has
// lost its leader, is no reason to fail: a read may be repeated. It fails with
// store.ErrUnavailable where nobody answered in time.
func (s *Store[A]) ask(ctx context.Context, ops ...clientv3.Op) (*clientv3.TxnResponse, error) {
	for attempt := 1; ; attempt++ {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, context.Cause(ctx))
		}
		answer, err := s.client.Do(ctx, clientv3.OpTxn(nil, ops, nil))
		away := codeOf(err) == codes.Unavailable
		switch {
		case err == nil:
			return answer.Txn(), nil
		case ctx.Err() != nil, away && attempt == readAttempts:
			return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		case !away:
			return nil, err
		}
		timer := time.NewTimer(readPause/2 + rand.N(readPause))
		select {
		case <-ctx.Done(): // the next turn says so
		case <-timer.C:
		}
		timer.Stop()
	}
}

// tell writes if nothing compared has changed. It fails with store.ErrConflict where
// something has, and with store.ErrUnknownOutcome unless etcd has said that it refuses.
func (s *Store[A]) tell(ctx context.Context, compares []clientv3.Cmp, ops []clientv3.Op) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: not sent: %w", store.ErrUnavailable, context.Cause(ctx))
	}
	// Sent once. The client repeats no transaction that may have left it, and nor may we: a
	// second one would find its own first and call it somebody else's.
	answer, err := s.client.Do(ctx, clientv3.OpTxn(compares, ops, nil))
	switch {
	case err == nil && answer.Txn().Succeeded:
		return nil
	case err == nil: // a compare did not hold: somebody wrote since the look
		return store.ErrConflict
	case refused(codeOf(err)):
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrUnknownOutcome, err)
}

// refused tells whether a code says that a transaction was not applied and never will be.
// Every other one leaves that open, those included that etcd has not thought of yet.
func refused(code codes.Code) bool {
	switch code {
	case codes.InvalidArgument, // too large, too many operations, an old token
		codes.ResourceExhausted, // the quota, or more requests than it can apply
		codes.PermissionDenied, codes.Unauthenticated:
		return true
	}
	return false
}

// codeOf is the gRPC code in an error, codes.Unknown where there is none. The client gives
// errors of two types, and neither is the other.
func codeOf(err error) codes.Code {
	var coded interface{ Code() codes.Code }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return status.Code(err)
}

// steady runs a function that reads more than once at one revision, and runs it anew where
// the revision was compacted away meanwhile. What it gathers it must begin anew.
func steady(read func() error) error {
	var err error
	for range 3 {
		if err = read(); codeOf(err) != codes.OutOfRange {
			return err
		}
	}
	return err
}

// alive ends a method whose context has ended before it began.
func alive(ctx context.Context, what string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("etcd: %s: %w", what, context.Cause(ctx))
	}
	return nil
}

// failed wraps an error with its place, and with the context's cause where that has ended:
// what the client makes of an interruption is its own.
func failed(ctx context.Context, what string, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("etcd: %s: %w: %w", what, cause, err)
	}
	return fmt.Errorf("etcd: %s: %w", what, err)
}
