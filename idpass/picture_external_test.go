package idpass_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle/export"
)

// The picture bears the digest of the DOT text that it was drawn from, so that no Graphviz
// is needed to tell whether it is true.
func TestPictureIsCurrent(t *testing.T) {
	picture, err := os.ReadFile("LIFECYCLE.svg")
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte(export.DOT(idpass.Machine.Chart()))))
	if err != nil || !bytes.Contains(picture, []byte(digest)) {
		t.Errorf("LIFECYCLE.svg is not drawn from today's table (%v); install Graphviz and run: go generate ./idpass", err)
	}
}
