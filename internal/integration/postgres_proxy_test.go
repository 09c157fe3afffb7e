package integration

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fault is what a proxy does to the next statement that is run.
type fault int32

const (
	none     fault = iota
	unasked        // the connection ends before the server has heard of it
	unheard        // the server answers, and the connection ends before the client hears
	orphaned       // the connection ends at once, and the server goes on by itself
)

// proxy stands between a client and PostgreSQL, on a Unix socket. It counts round trips:
// a client waits for an answer where it sends Sync or Query.
type proxy struct {
	network, server string
	listener        net.Listener
	address         string
	trips           atomic.Int64
	next            atomic.Int32
	runs            atomic.Int64  // statements run, each sending counted
	distance        time.Duration // what every message takes longer, each way; set before use
}

func startProxy(t testing.TB, address string) *proxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "kycle")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{network: "tcp", server: u.Host}
	query := u.Query()
	if host := query.Get("host"); host != "" {
		p.network, p.server = "unix", filepath.Join(host, ".s.PGSQL.5432")
	}
	if p.listener, err = net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432")); err != nil {
		t.Fatal(err)
	}
	u.Host = ""
	u.RawQuery = query.Encode()
	p.address = with(with(u.String(), "host", dir), "sslmode", "disable")
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := p.listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() { // after the pools, which end the connections
		if err := p.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
		all.Wait()
	})
	return p
}

// fail arms the proxy for one statement.
func (p *proxy) fail(f fault) { p.next.Store(int32(f)) }

// hangUp takes no new connection from now on.
func (p *proxy) hangUp(t *testing.T) {
	if err := p.listener.Close(); err != nil {
		t.Error(err)
	}
}

// serve carries one connection.
func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial(p.network, p.server)
	if err != nil {
		return
	}
	defer server.Close()
	if p.distance > 0 {
		client, server = far(client, p.distance), far(server, p.distance)
		defer client.Close()
		defer server.Close()
	}
	var lost atomic.Bool // the client is to hear no more
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		defer client.Close()
		carry(server, client, &lost)
	}()
	from := bufio.NewReader(client)
	if start, err := readStart(from); err != nil || write(server, start) != nil {
		return
	}
	p.ask(from, client, server, &lost)
	if lost.Load() {
		<-answered
	}
}

// carry hands on what the server says.
func carry(server io.Reader, client io.Writer, lost *atomic.Bool) {
	from, to := bufio.NewReader(server), bufio.NewWriter(client)
	for {
		kind, message, err := readMessage(from)
		if err != nil || lost.Load() && kind == 'Z' { // ready: the statement has been committed
			return
		}
		if !lost.Load() && forward(from, to, message) != nil {
			return
		}
	}
}

// ask carries what the client says, up to where a fault ends it.
func (p *proxy) ask(from *bufio.Reader, client io.Closer, server io.Writer, lost *atomic.Bool) {
	to := bufio.NewWriter(server)
	for {
		kind, message, err := readMessage(from)
		if err != nil {
			return
		}
		asks := kind == 'Q' && !bytes.HasPrefix(message[5:], []byte("-- ping")) // pgx's pools ask so, once a second
		if kind == 'S' || asks {
			p.trips.Add(1)
		}
		ordered := none
		if kind == 'E' || asks {
			p.runs.Add(1)
			ordered = fault(p.next.Swap(int32(none)))
		}
		if ordered == unasked {
			return
		}
		lost.CompareAndSwap(false, ordered != none)
		if forward(from, to, message) != nil {
			return
		}
		if ordered == orphaned {
			if kind == 'E' { // its Sync, without which the server would not go on
				if _, message, err := readMessage(from); err != nil || write(to, message) != nil {
					return
				}
			}
			if to.Flush() != nil {
				return
			}
			client.Close()
			return
		}
	}
}

// farConn is a connection whose messages arrive later, in their order, and do not wait
// for one another.
type farConn struct {
	net.Conn
	under chan parcel
	done  chan struct{}
	once  sync.Once

	distance time.Duration
}

// parcel is a message under way.
type parcel struct {
	message []byte
	arrives time.Time
}

func far(c net.Conn, distance time.Duration) *farConn {
	f := &farConn{Conn: c, under: make(chan parcel, 1024), done: make(chan struct{}), distance: distance}
	go f.deliver()
	return f
}

func (f *farConn) Write(message []byte) (int, error) {
	select {
	case f.under <- parcel{bytes.Clone(message), time.Now().Add(f.distance)}:
		return len(message), nil
	case <-f.done:
		return 0, net.ErrClosed
	}
}

// deliver hands on what has arrived.
func (f *farConn) deliver() {
	for {
		select {
		case p := <-f.under:
			time.Sleep(time.Until(p.arrives))
			if write(f.Conn, p.message) != nil {
				return
			}
		case <-f.done:
			return
		}
	}
}

func (f *farConn) Close() error {
	f.once.Do(func() { close(f.done) })
	return f.Conn.Close()
}

// forward hands a message on, together with those that came with it.
func forward(from *bufio.Reader, to *bufio.Writer, message []byte) error {
	if err := write(to, message); err != nil || from.Buffered() > 0 {
		return err
	}
	return to.Flush()
}

func write(to io.Writer, message []byte) error {
	_, err := to.Write(message)
	return err
}

// readMessage reads a message with its kind.
func readMessage(from *bufio.Reader) (kind byte, message []byte, err error) {
	kind, err = from.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	rest, err := readStart(from)
	return kind, append([]byte{kind}, rest...), err
}

// readStart reads a message without a kind, as a connection's first is.
func readStart(from *bufio.Reader) ([]byte, error) {
	head, err := from.Peek(4)
	if err != nil {
		return nil, err
	}
	message := make([]byte, binary.BigEndian.Uint32(head))
	_, err = io.ReadFull(from, message)
	return message, err
}
