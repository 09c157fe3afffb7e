package integration

import (
	"testing"

	"github.com/kycle/kycle/internal/integration/linear"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/store/memory"
)

func TestMemoryIsLinearizable(t *testing.T) {
	linear.Check(t, func(*testing.T) (one, two kyc.Repository) {
		s := memory.New(kyc.Schema)
		return s, s
	}, nil)
}

func TestSQLiteIsLinearizable(t *testing.T) {
	linear.Check(t, sqliteFile(kyc.Schema), nil)
}
