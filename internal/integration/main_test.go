package integration

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// patience is how long a test waits for what takes a moment, lest it hang for ever: no
// machine is so slow.
const patience = 5 * time.Minute

func TestMain(m *testing.M) {
	code := m.Run()
	if err := postgresServer.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}
