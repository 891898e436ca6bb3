package dbtest

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// A Cutter stands between a client and a server and cuts a connection at a
// certain message of the client's, as a broken network or a killed process does.
type Cutter struct {
	// Name is the application whose connections are counted; others pass.
	Name  string
	after int64
	sent  atomic.Int64 // messages of counted connections
}

// Cut returns the address of a database behind a Cutter that cuts before it
// hands on message number n of a connection of name's; and the Cutter.
func Cut(t testing.TB, d *devserver.Database, name string, n int64) (address string, c *Cutter) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	u, err := url.Parse(d.URL())
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	socket := filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port"))
	c = &Cutter{Name: name, after: n}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
			go c.pass(client, server)
		}
	}()
	q.Del("host")
	q.Del("port")
	u.Host, u.RawQuery = l.Addr().String(), q.Encode()
	return u.String(), c
}

// Reached reports whether anything was cut.
func (c *Cutter) Reached() bool { return c.sent.Load() >= c.after }

func (c *Cutter) pass(client, server net.Conn) {
	defer server.Close()
	defer client.Close()
	buf := make([]byte, 1<<16)
	counted := false
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		counted = counted || bytes.Contains(buf[:n], []byte(c.Name))
		if counted && c.sent.Add(1) >= c.after {
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}
