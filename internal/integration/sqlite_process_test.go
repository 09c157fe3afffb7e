package integration

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
)

// fileVariable names the file for a process that TestSQLiteProcesses starts.
const fileVariable = "KYCLE_TEST_SQLITE_FILE"

// perProcess is how many updates each process makes.
const perProcess = 15

// TestSQLiteWriter is the other process; without a file it has nothing to do.
func TestSQLiteWriter(t *testing.T) {
	path := os.Getenv(fileVariable)
	if path == "" {
		t.Skip("started by TestSQLiteProcesses only")
	}
	s := openThings(t, openFile(t, path))
	for range perProcess {
		var found store.Record[thing]
		reads := []store.Read[thing]{{Key: keyOf(1), Into: &found}}
		err := store.Update(t.Context(), s, idOf(9), store.Limits{Attempts: 10_000}, reads, func() ([]store.Change[thing], error) {
			return []store.Change[thing]{told(found, 1, idOf(9))}, nil
		})
		if err != nil {
			t.Fatalf("update: %v", err)
		}
	}
}

// TestSQLiteProcesses lets several processes open one new file and write one record at
// once: none may meet an error, and no update may be lost.
func TestSQLiteProcesses(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatalf("executable: %v", err)
	}
	path := filepath.Join(t.TempDir(), "kycle.db")
	const count = 3
	var outputs [count]bytes.Buffer
	var processes [count]*exec.Cmd
	for i := range processes {
		p := exec.CommandContext(t.Context(), self, "-test.run=^TestSQLiteWriter$")
		p.Env = append(os.Environ(), fileVariable+"="+path)
		p.Stdout, p.Stderr = &outputs[i], &outputs[i]
		if err := p.Start(); err != nil {
			t.Fatalf("start: %v", err)
		}
		processes[i] = p
	}
	for i, p := range processes {
		if err := p.Wait(); err != nil {
			t.Errorf("process %d: %v\n%s", i, err, outputs[i].String())
		}
	}
	s := openThings(t, openFile(t, path))
	record, err := s.Load(t.Context(), keyOf(1))
	if err != nil || record.Version != count*perProcess {
		t.Fatalf("version %d, error %v; want %d", record.Version, err, count*perProcess)
	}
	h, err := s.History(t.Context(), keyOf(1), 0, 0)
	if err == nil {
		err = audit.Verify(audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(1)}, h.Entries)
	}
	if err != nil || len(h.Entries) != count*perProcess {
		t.Errorf("%d entries, error %v; want %d in a whole chain", len(h.Entries), err, count*perProcess)
	}
}
