package integration

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// tap is a pool on a SQLite file that sees every statement, and may make one fail before
// the driver has run it or, where it gives no rows, after.
type tap struct {
	driver driver.Driver
	path   string

	mu     sync.Mutex
	seen   map[string][]driver.NamedValue // a statement, with the arguments of one run
	before func(query string) error
	after  func(query string) error

	codeless atomic.Bool // errors are text alone, as some drivers give them
}

func openTap(t *testing.T, path string) (*tap, *sql.DB) {
	t.Helper()
	plain := openFile(t, path)
	p := &tap{driver: plain.Driver(), path: path, seen: map[string][]driver.NamedValue{}}
	db := sql.OpenDB(p)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p, db
}

func (p *tap) Driver() driver.Driver { return p.driver }

func (p *tap) Connect(context.Context) (driver.Conn, error) {
	conn, err := p.driver.Open(p.path)
	if err != nil {
		return nil, err
	}
	return &tapConn{conn, p}, nil
}

// fail makes one statement fail from now on; nil hooks let it pass.
func (p *tap) fail(before, after func(query string) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before, p.after = before, after
}

func (p *tap) statements() map[string][]driver.NamedValue {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := map[string][]driver.NamedValue{}
	for query, args := range p.seen {
		switch strings.Fields(query)[0] {
		case "select", "insert", "update", "delete":
			found[query] = args
		}
	}
	return found
}

func (p *tap) note(query string, args []driver.NamedValue) (before, after func(string) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[query] = args
	pass := func(string) error { return nil }
	before, after = p.before, p.after
	if before == nil {
		before = pass
	}
	if after == nil {
		after = pass
	}
	return before, after
}

type tapConn struct {
	driver.Conn
	tap *tap
}

func (c *tapConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	before, after := c.tap.note(query, args)
	if err := before(query); err != nil {
		return nil, err
	}
	result, err := c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	if err != nil && c.tap.codeless.Load() {
		err = errors.New(err.Error())
	}
	if err != nil {
		return nil, err
	}
	return result, after(query)
}

func (c *tapConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	before, _ := c.tap.note(query, args)
	if err := before(query); err != nil {
		return nil, err
	}
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}
