package kyc

import (
	"context"
	"errors"
	"time"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
)

// The provider's methods, as an observer is told of them.
const (
	methodOpen      = "open"
	methodReport    = "report"
	methodTerminate = "terminate"
)

// reach makes one call to the provider of an integration code: with a time limit, a panic
// contained, and the observer told. check refuses an answer that cannot be. Every failure
// is a *ProviderError.
func reach[T any](ctx context.Context, s *Service, code, method string, call func(context.Context, Provider) (T, error), check func(T) error) (T, error) {
	var none T
	provider := s.providers[code]
	if provider == nil {
		return none, ErrNotConfigured
	}
	began := time.Now()
	answer, err := product.Contain(ctx, s.settings.CallTimeout, func(ctx context.Context) (T, error) { return call(ctx, provider) })
	class := failure(err)
	if err == nil {
		if err = check(answer); err != nil {
			class = implausible(err)
		}
	}
	s.runner.Called(ctx, code, method, began, class)
	if err != nil {
		return none, &ProviderError{code, err}
	}
	return answer, nil
}

// failure is the class of a call that failed.
func failure(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, product.ErrTimedOut), errors.Is(err, context.DeadlineExceeded):
		return product.ClassTimedOut
	case errors.Is(err, context.Canceled):
		return product.ClassEnded
	case errors.Is(err, product.ErrPanicked):
		return product.ClassPanicked
	}
	return product.ClassUnreachable
}

// implausible is the class of an answer that was refused: a status that is none, or an
// answer that cannot be.
func implausible(err error) string {
	var invalid *lifecycle.Invalid
	if errors.As(err, &invalid) && invalid.Field == "status" {
		return product.ClassUntranslatable
	}
	return product.ClassImplausible
}

// plausible takes any answer.
func plausible[T any](T) error { return nil }
