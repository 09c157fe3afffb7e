// Command document writes the generated page of one lifecycle; go generate runs it.
package main

import (
	"fmt"
	"os"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
)

var pages = map[string]func() string{
	kyc.Machine.Name():    kyc.Machine.Markdown,
	idpass.Machine.Name(): idpass.Machine.Markdown,
}

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "document:", err)
		os.Exit(1)
	}
}

func write(args []string) error {
	if len(args) != 2 || pages[args[0]] == nil {
		return fmt.Errorf("usage: document kyc_validation|id_pass FILE")
	}
	return os.WriteFile(args[1], []byte(pages[args[0]]()), 0o644)
}
