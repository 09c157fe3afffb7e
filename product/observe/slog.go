package observe

import (
	"context"
	"log/slog"

	"github.com/kycle/kycle/product"
)

// Slog tells a logger: operations at slog.LevelDebug, failed calls of providers and failed
// sweeps at slog.LevelWarn, operations that failed in the store or by a mistake of the
// host's at slog.LevelError. What is refused or invalid is a caller's everyday and stays at
// debug. A level that the logger does not take costs a comparison.
func Slog(logger *slog.Logger) product.Observer { return logs{logger: logger} }

type logs struct {
	product.Unobserved
	logger *slog.Logger
}

// trouble are the classes of an operation that somebody should look into.
var trouble = map[string]bool{
	product.ClassUnavailable: true, product.ClassUnknownOutcome: true, product.ClassPanicked: true, product.ClassOther: true,
}

func (l logs) End(ctx context.Context, o product.Operation) {
	level := slog.LevelDebug
	if trouble[o.Class] {
		level = slog.LevelError
	}
	if !l.logger.Enabled(ctx, level) {
		return
	}
	l.logger.LogAttrs(ctx, level, "kycle operation",
		slog.String("product", o.Product), slog.String("event", o.Event), slog.String("verdict", string(o.Verdict)),
		slog.String("why", o.Why), slog.String("from", o.From), slog.String("to", o.To),
		slog.Int("attempts", o.Attempts), slog.Int("conflicts", o.Conflicts),
		slog.Duration("duration", o.Duration), slog.String("class", o.Class))
}

func (l logs) Called(ctx context.Context, c product.ProviderCall) {
	level := slog.LevelDebug
	if c.Class != "" {
		level = slog.LevelWarn
	}
	if !l.logger.Enabled(ctx, level) {
		return
	}
	l.logger.LogAttrs(ctx, level, "kycle provider call",
		slog.String("product", c.Product), slog.String("provider", c.Provider), slog.String("method", c.Method),
		slog.Duration("duration", c.Duration), slog.String("class", c.Class))
}

func (l logs) Swept(ctx context.Context, s product.SweepReport) {
	level := slog.LevelDebug
	if s.Failed > 0 {
		level = slog.LevelWarn
	}
	if !l.logger.Enabled(ctx, level) {
		return
	}
	l.logger.LogAttrs(ctx, level, "kycle sweep",
		slog.String("product", s.Product), slog.Int("records", s.Records), slog.Int("failed", s.Failed),
		slog.Duration("duration", s.Duration), slog.Duration("oldest_owed", s.Oldest))
}
