package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/product"
)

// ready asks both products whether they can work on what is stored, and says aloud what it
// found. Records in a status that the table does not know cannot be read. All others can,
// so the host starts: whoever reads its log knows what to do.
func (h *host) ready(ctx context.Context) error {
	return errors.Join(h.readiness(ctx, kyc.Kind, h.kyc.Ready), h.readiness(ctx, idpass.Kind, h.idpass.Ready))
}

func (h *host) readiness(ctx context.Context, kind string, ready func(context.Context) error) error {
	err := ready(ctx)
	switch {
	case err == nil:
		h.log.Info("ready", "records", kind)
	case errors.Is(err, product.ErrUnknownStatus):
		h.log.Error("not ready", "records", kind, "found", err) // names of statuses, and counts
	case errors.Is(err, product.ErrLacks): // a host with a store of its own may come here
		h.log.Warn("readiness unknown", "records", kind, "found", err)
	default: // it could not be found out, and nothing else would work either
		return fmt.Errorf("count the records of %s: %w", kind, err)
	}
	return nil
}
