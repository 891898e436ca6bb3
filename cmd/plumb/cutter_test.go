package main

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// A cutter stands between plumb and a server that goes away after so many of
// its messages, counted over all connections; afterwards nobody answers.
type cutter struct {
	listener net.Listener
	db       *devserver.Database
	hang     chan struct{} // if set, it is closed then and the connections stay open

	mu    sync.Mutex
	left  int
	over  bool
	conns []net.Conn
	all   sync.WaitGroup
}

func newCutter(t *testing.T, db *devserver.Database, messages int) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{listener: l, db: db, left: messages}
	c.all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.all.Go(func() { c.serve(conn) })
		}
	})
	return c
}

func (c *cutter) address() string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", "S3cr3t@"), Host: c.listener.Addr().String(), Path: "/" + c.db.Name, RawQuery: "sslmode=disable"}
	return u.String()
}

func (c *cutter) close() {
	c.listener.Close()
	c.cut()
	c.all.Wait()
}

// cut ends every connection.
func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	for _, conn := range c.conns {
		conn.Close()
	}
}

func (c *cutter) serve(client net.Conn) {
	defer client.Close()
	cfg := c.db.Config()
	network, address := "tcp", net.JoinHostPort(cfg.Host, "5432")
	if cfg.Host[0] == '/' {
		network, address = "unix", cfg.Host+"/.s.PGSQL.5432"
	}
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	c.mu.Lock()
	c.conns = append(c.conns, client, server)
	over := c.over
	c.mu.Unlock()
	if over {
		return
	}
	go func() { _, _ = io.Copy(server, client) }()
	for c.message(client, server) {
	}
}

// message passes one message of the server on, if it is still there.
func (c *cutter) message(client, server net.Conn) bool {
	head := make([]byte, 5)
	if _, err := io.ReadFull(server, head); err != nil {
		return false
	}
	body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	if _, err := io.ReadFull(server, body); err != nil {
		return false
	}
	c.mu.Lock()
	c.left--
	gone, first := c.left < 0, c.left == -1
	c.mu.Unlock()
	switch {
	case !gone:
		_, err := client.Write(append(head, body...))
		return err == nil
	case c.hang == nil:
		c.cut()
	case first:
		close(c.hang)
	}
	return c.hang != nil
}
