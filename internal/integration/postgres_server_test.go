package integration

import (
	"bufio"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// errNoPostgres: the programs of PostgreSQL are not on this machine.
var errNoPostgres = errors.New("no PostgreSQL: neither initdb on the PATH nor /usr/lib/postgresql")

// server is a PostgreSQL of our own, on a Unix socket only.
type server struct {
	bin, dir string // dir holds data, the log and the socket
	owner    *syscall.Credential
	alive    *os.File // closed when this process ends, however it ends
	guard    *exec.Cmd
}

// startServer makes a cluster and starts it; settings are added to the command line.
func startServer(settings ...string) (*server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kycle") // short: a socket's path may have about 100 bytes
	if err != nil {
		return nil, err
	}
	s := &server{bin: bin, dir: dir}
	err = s.own()
	if err == nil {
		err = s.run("initdb", "-D", s.data(), "-U", "kycle", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	}
	if err == nil {
		err = s.start(settings...)
	}
	if err == nil {
		err = s.watch()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// binaries finds where initdb, pg_ctl and postgres are.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errNoPostgres
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return release(a) - release(b) })
	return filepath.Dir(newest), nil
}

// release is the number in /usr/lib/postgresql/15/bin/initdb.
func release(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for what is none
	return n
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

// own gives the folder to whom the server will run as: it refuses root.
func (s *server) own() error {
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return err
	}
	if os.Getuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return err
	}
	uid, errUID := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(nobody.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		return err
	}
	s.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, int(uid), int(gid))
}

// run runs one of the server's programs. Its output goes to a file: the server that
// pg_ctl leaves behind would hold a pipe open for ever.
func (s *server) run(program string, args ...string) error {
	output, err := os.OpenFile(filepath.Join(s.dir, "output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer output.Close()
	c := exec.Command(filepath.Join(s.bin, program), args...)
	c.Dir, c.Stdout, c.Stderr = s.dir, output, output
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	if err := c.Run(); err != nil {
		text, _ := os.ReadFile(output.Name())
		return fmt.Errorf("%s: %w\n%s", program, err, text)
	}
	return nil
}

// start starts the server, again after it was killed, and waits until it answers.
func (s *server) start(settings ...string) error {
	options := []string{"-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=200"}
	for _, setting := range settings {
		options = append(options, "-c", setting)
	}
	return s.run("pg_ctl", "start", "-w", "-t", fmt.Sprint(patience.Seconds()), "-D", s.data(), "-l", filepath.Join(s.dir, "log"), "-o", strings.Join(options, " "))
}

// watch leaves a shell behind that stops the server and removes its folder as soon as
// this process has ended: a test that panics, or runs out of time, cleans nothing up.
func (s *server) watch() error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	const script = `cat; pid=$(head -n 1 "$1/data/postmaster.pid") && kill -QUIT "$pid" && while kill -0 "$pid"; do sleep 0.05; done; rm -rf "$1"`
	s.guard, s.alive = exec.Command("sh", "-c", script, "sh", s.dir), write
	s.guard.Stdin = read
	return s.guard.Start()
}

// stop ends the server and leaves nothing of it. A server that was never started is
// stopped already.
func (s *server) stop() error {
	if s == nil {
		return nil
	}
	if err := s.alive.Close(); err != nil {
		return err
	}
	return s.guard.Wait()
}

// pid is the server's own, as it wrote it down.
func (s *server) pid() (int, error) {
	f, err := os.Open(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	line := bufio.NewScanner(f)
	line.Scan()
	return strconv.Atoi(line.Text())
}

// url is where a database of the server's is found.
func (s *server) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("kycle"), Path: "/" + database}
	u.RawQuery = url.Values{"host": {s.dir}, "sslmode": {"disable"}}.Encode()
	return u.String()
}
