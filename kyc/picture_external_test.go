package kyc_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"testing"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle/export"
)

// The picture bears the digest of the DOT text that it was drawn from, so that no Graphviz
// is needed to tell whether it is true.
func TestTheGeneratedPictureIsTrue(t *testing.T) {
	picture, err := os.ReadFile("LIFECYCLE.svg")
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte(export.DOT(kyc.Machine.Chart()))))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(picture, []byte(digest)) {
		t.Error("LIFECYCLE.svg is not drawn from today's table; install Graphviz and run: go generate ./kyc")
	}
}
