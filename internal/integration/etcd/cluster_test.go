package etcd

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
	"google.golang.org/grpc"
)

// size is how many members the cluster has: it goes on with one of them stopped.
const size = 3

// patience is how long a member may take to be ready, or to lead, lest a test hang for
// ever. On an idle machine it is a second; no machine is so slow.
const patience = 5 * time.Minute

// cluster is the members on the loopback, and their files.
type cluster struct {
	folder  string
	clients [size]url.URL // where members serve
	peers   [size]url.URL // where they talk to each other
	members [size]*embed.Etcd
	serving [size]chan *grpc.Server // once it is ready, with what the member answers its clients
}

// shared is the cluster of this run.
var shared *cluster

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "kycle-etcd-")
	if err == nil {
		shared, err = start(folder)
	}
	code := 1
	if err == nil {
		code = m.Run()
		shared.stop()
	}
	if err = errors.Join(err, os.RemoveAll(folder)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// start makes a cluster. A port that was free a moment ago may be another program's now;
// then it tries others.
func start(folder string) (c *cluster, err error) {
	for attempt := range 5 {
		c = &cluster{folder: filepath.Join(folder, fmt.Sprint(attempt))}
		if err = c.begin(); err == nil {
			return c, nil
		}
		c.stop()
	}
	return nil, err
}

func (c *cluster) begin() error {
	free, err := ports(2 * size)
	if err != nil {
		return err
	}
	for i := range size {
		c.clients[i], c.peers[i] = free[2*i], free[2*i+1]
	}
	if err := os.MkdirAll(c.folder, 0o700); err != nil {
		return err
	}
	for i := range size {
		if c.members[i], err = embed.StartEtcd(c.config(i, embed.ClusterStateFlagNew)); err != nil {
			return fmt.Errorf("member %d: %w", i, err)
		}
	}
	for i := range size {
		if err := c.await(i); err != nil {
			return err
		}
	}
	return nil
}

// ports gives free ports of the loopback, no two the same.
func ports(n int) (free []url.URL, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // all at the end, so that none is given twice
		free = append(free, url.URL{Scheme: "http", Host: l.Addr().String()})
	}
	return free, nil
}

// config is for a test: a member writes its log to a file of its own. An election takes the
// second or two that etcd gives it by default: on a busy machine a leader may well be silent
// for a tenth of a second, and what it was asked meanwhile would be of unknown outcome.
func (c *cluster) config(i int, state string) *embed.Config {
	config := embed.NewConfig()
	config.Name = fmt.Sprint("member", i)
	config.Dir = filepath.Join(c.folder, config.Name)
	config.LogLevel, config.LogOutputs = "warn", []string{config.Dir + ".log"}
	config.UnsafeNoFsync = true // a member stops here, and never the machine: its files stay
	config.ListenClientUrls, config.AdvertiseClientUrls = c.clients[i:i+1], c.clients[i:i+1]
	config.ListenPeerUrls, config.AdvertisePeerUrls = c.peers[i:i+1], c.peers[i:i+1]
	config.ClusterState = state
	serving := make(chan *grpc.Server, 1)
	c.serving[i] = serving
	config.ServiceRegister = func(s *grpc.Server) { serving <- s }
	config.GRPCAdditionalServerOptions = []grpc.ServerOption{grpc.WaitForHandlers(true)}
	var all []string
	for n, peer := range c.peers {
		all = append(all, fmt.Sprintf("member%d=%s", n, peer.String()))
	}
	config.InitialCluster = strings.Join(all, ",")
	return config
}

func (c *cluster) await(i int) error {
	select {
	case <-c.members[i].Server.ReadyNotify():
		return nil
	case err := <-c.members[i].Err():
		return fmt.Errorf("member %d: %w", i, err)
	case <-time.After(patience):
		return fmt.Errorf("member %d was not ready in %v", i, patience)
	}
}

func (c *cluster) stop() {
	for _, member := range c.members {
		if member != nil {
			member.Close()
		}
	}
}

// lead waits until a member leads, and gives it; -1: none did in time.
func (c *cluster) lead() int {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for i, member := range c.members {
			if member != nil && member.Server.Leader() == member.Server.MemberID() {
				return i
			}
		}
	}
	return -1
}

// halt stops a member as a crash would, without handing its lead over. Its connections break
// first, and nobody is answered any more: a read that goes on in a database that has been
// closed would end this process.
func (c *cluster) halt(i int) {
	member := c.members[i]
	c.members[i] = nil
	(<-c.serving[i]).Stop()
	member.Server.HardStop()
	member.Close()
}

// resume starts a member again on its own files. Its ports were free meanwhile: another
// program's connection may have one for a while.
func (c *cluster) resume(t *testing.T, i int) {
	t.Helper()
	member, err := embed.StartEtcd(c.config(i, embed.ClusterStateFlagExisting))
	for end := time.Now().Add(patience); errors.Is(err, syscall.EADDRINUSE) && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		member, err = embed.StartEtcd(c.config(i, embed.ClusterStateFlagExisting))
	}
	if err != nil {
		t.Fatalf("member %d: %v", i, err)
	}
	c.members[i] = member
	if err := c.await(i); err != nil {
		t.Fatal(err)
	}
}

// dial gives a client of its own that knows all members, as another process would have.
func (c *cluster) dial(t testing.TB) *clientv3.Client {
	t.Helper()
	var endpoints []string
	for _, at := range c.clients {
		endpoints = append(endpoints, at.Host)
	}
	client, err := clientv3.New(clientv3.Config{Endpoints: endpoints, DialTimeout: patience, Logger: zap.NewNop()})
	if err != nil {
		t.Fatalf("client: %v", err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return client
}
