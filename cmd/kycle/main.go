package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// The exit codes.
const (
	fine     = 0
	no       = 1 // the answer is no
	noAnswer = 2 // wrong usage, or input that cannot be read
)

// command is one of the tool's commands.
type command struct {
	name, args string
	does       string // one line for the list
	more       string // what -h says besides, examples last
	files      int    // how many it takes
	// prepare defines its flags and gives what runs once they are parsed.
	prepare func(*flag.FlagSet) func(*call, []string) (code int, err error)
}

var commands = []command{doc, check, diff, drifted, conform, verify}

// call is one run of the tool.
type call struct {
	stdin  io.Reader
	stdout io.Writer
	read   bool // the standard input was taken
}

// errUsage is wrong usage: the text says what to do, and where to read more.
var errUsage = errors.New("usage")

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, overview())
		return noAnswer
	}
	helps := slices.Contains([]string{"-h", "-help", "--help", "help"}, args[0])
	switch {
	case helps && len(args) == 1:
		return told(stdout, stderr, overview())
	case helps: // kycle help diff
		args = []string{args[1], "-h"}
	case slices.Contains([]string{"-version", "--version", "version"}, args[0]):
		return told(stdout, stderr, version()+"\n")
	}
	for _, c := range commands {
		if c.name != args[0] {
			continue
		}
		code, err := c.run(args[1:], &call{stdin: stdin, stdout: stdout})
		if err != nil {
			for line := range strings.SplitSeq(fmt.Sprintf("kycle %s: %v", c.name, err), "\n") {
				fmt.Fprintln(stderr, visible(line))
			}
			if errors.Is(err, errUsage) {
				fmt.Fprintf(stderr, "See: kycle %s -h\n", c.name)
			}
			return noAnswer
		}
		return code
	}
	fmt.Fprintf(stderr, "kycle: there is no such command\n%s", overview())
	return noAnswer
}

// told writes an answer that no command gives.
func told(stdout, stderr io.Writer, text string) int {
	if _, err := io.WriteString(stdout, text); err != nil {
		fmt.Fprintf(stderr, "kycle: %v\n", err)
		return noAnswer
	}
	return fine
}

// version is that of the build: of the module, or the commit of a build from source.
func version() string {
	text := "kycle"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return text + " (of unknown version)"
	}
	text += " " + cmp.Or(info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += ", commit " + s.Value
		}
	}
	return text + ", " + info.GoVersion
}

// run parses flags wherever they stand among the files, and runs the command.
func (c command) run(args []string, to *call) (code int, err error) {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	work := c.prepare(flags)
	var files []string
	for {
		switch err := flags.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			_, err = io.WriteString(to.stdout, c.help(flags))
			return fine, err
		case err != nil:
			return 0, usage("%v", err)
		}
		if flags.NArg() == 0 {
			break
		}
		files, args = append(files, flags.Arg(0)), flags.Args()[1:]
	}
	if len(files) != c.files {
		return 0, usage("it takes %s", c.args)
	}
	out := &failing{Writer: to.stdout}
	to.stdout = out
	if code, err = work(to, files); err == nil {
		err = out.err // half an answer is none
	}
	return code, err
}

// usage is an error of the one who typed the command.
func usage(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}

// failing remembers the first error of writing, so that answers can be printed plainly.
type failing struct {
	io.Writer
	err error
}

func (f *failing) Write(b []byte) (int, error) {
	n, err := f.Writer.Write(b)
	if f.err == nil {
		f.err = err
	}
	return n, err
}

func overview() string {
	var b strings.Builder
	b.WriteString("usage: kycle COMMAND …\n\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-8s %s\n", c.name, c.does)
	}
	b.WriteString("\n\"kycle COMMAND -h\" tells more, with examples; \"kycle version\" which this is.\n" +
		"Exit codes: 0 fine; 1 the answer is no; 2 wrong usage, or input that cannot be read.\n")
	return b.String()
}

func (c command) help(flags *flag.FlagSet) string {
	var defaults bytes.Buffer
	flags.SetOutput(&defaults)
	flags.PrintDefaults()
	text := fmt.Sprintf("usage: kycle %s %s\n\nIt tells %s.\n\n%s", c.name, c.args, c.does, strings.TrimSpace(c.more)+"\n")
	if defaults.Len() > 0 {
		text += "\nFlags:\n" + defaults.String()
	}
	return text
}
