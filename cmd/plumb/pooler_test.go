package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// A pooler stands before a database as PgBouncer does with pool_mode =
// transaction: each transaction goes to the next of a few sessions. Settings at
// startup that are not its own it refuses, and transactions that could write.
type pooler struct {
	listener net.Listener
	sessions chan *pgconn.HijackedConn
	clients  sync.WaitGroup

	mu       sync.Mutex
	problems []string     // what no pooler would bear
	handed   atomic.Int64 // transactions
}

// newPooler starts one with so many sessions, for the length of the test.
func newPooler(t *testing.T, database string, sessions int) (*pooler, string) {
	t.Helper()
	p := &pooler{sessions: make(chan *pgconn.HijackedConn, sessions)}
	for range sessions {
		conn, err := pgconn.Connect(context.Background(), database)
		if err != nil {
			t.Fatal(err)
		}
		h, err := conn.Hijack()
		if err != nil {
			t.Fatal(err)
		}
		p.sessions <- h
	}
	var err error
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := p.listener.Accept()
			if err != nil {
				return
			}
			p.clients.Go(func() { defer c.Close(); p.serve(c) })
		}
	}()
	t.Cleanup(func() { p.close(t) })
	u := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", "S3cr3t@"), Host: p.listener.Addr().String(), Path: "/db", RawQuery: "sslmode=disable"}
	return p, u.String()
}

// close stops the pooler and looks whether the sessions are as they were.
func (p *pooler) close(t *testing.T) {
	p.listener.Close()
	p.clients.Wait()
	for range cap(p.sessions) {
		h := <-p.sessions
		conn, err := pgconn.Construct(h)
		if err != nil {
			t.Error(err)
			continue
		}
		const left = "SELECT name || ' = ' || setting FROM pg_settings WHERE source = 'session'"
		res := conn.ExecParams(context.Background(), left, nil, nil, nil, nil).Read()
		if res.Err != nil || len(res.Rows) > 0 {
			t.Errorf("a client of the pooler left settings behind: %s %v", res.Rows, res.Err)
		}
		conn.Close(context.Background())
	}
	for _, problem := range p.problems {
		t.Error(problem)
	}
}

// serve speaks with one client: a session is its own until the transaction ends.
func (p *pooler) serve(c net.Conn) {
	client := pgproto3.NewBackend(c, c)
	if !p.greet(c, client) {
		return
	}
	var lease *pgconn.HijackedConn
	for {
		m, err := client.Receive()
		if _, bye := m.(*pgproto3.Terminate); err != nil || bye {
			if lease != nil {
				lease.Frontend.SendQuery(&pgproto3.Query{String: "ROLLBACK"})
				p.answer(lease, client)
				p.sessions <- lease
			}
			return
		}
		if parse, ok := m.(*pgproto3.Parse); ok && parse.Name != "" {
			p.note("a client of the pooler used a named prepared statement: " + parse.Query)
		}
		if lease == nil {
			if text := statement(m); !strings.Contains(strings.ToUpper(text), "READ ONLY") {
				p.note("a transaction that may write: " + text)
			}
			lease = <-p.sessions
		}
		lease.Frontend.Send(m)
		switch m.(type) {
		case *pgproto3.Query, *pgproto3.Sync: // which are answered
			if p.answer(lease, client) == 'I' {
				p.sessions <- lease
				p.handed.Add(1)
				lease = nil
			}
			_ = client.Flush()
		}
	}
}

// answer passes on what a session says until it is ready, and returns the
// state of its transaction. It listens while it speaks: both may be long.
func (p *pooler) answer(lease *pgconn.HijackedConn, client *pgproto3.Backend) byte {
	var speaking sync.WaitGroup
	speaking.Go(func() { _ = lease.Frontend.Flush() })
	defer speaking.Wait()
	for {
		m, err := lease.Frontend.Receive()
		if err != nil {
			p.note("a session of the pooler is gone: " + err.Error())
			return 'I'
		}
		client.Send(m)
		if ready, ok := m.(*pgproto3.ReadyForQuery); ok {
			return ready.TxStatus
		}
	}
}

func (p *pooler) note(problem string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, problem)
}

// statement is what a message asks.
func statement(m pgproto3.FrontendMessage) string {
	switch m := m.(type) {
	case *pgproto3.Query:
		return m.String
	case *pgproto3.Parse:
		return m.Query
	}
	return fmt.Sprintf("%T", m)
}

func (p *pooler) greet(c net.Conn, client *pgproto3.Backend) bool {
	for {
		m, err := client.ReceiveStartupMessage()
		if err != nil {
			return false
		}
		switch m := m.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := io.WriteString(c, "N"); err != nil {
				return false
			}
		case *pgproto3.StartupMessage:
			for name := range m.Parameters {
				switch name {
				case "user", "database", "application_name", "client_encoding":
				default:
					client.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "08P01", Message: "unsupported startup parameter: " + name})
					client.Flush()
					return false
				}
			}
			client.Send(&pgproto3.AuthenticationOk{})
			for name, value := range map[string]string{"server_version": "15.0", "client_encoding": "UTF8", "standard_conforming_strings": "on"} {
				client.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
			}
			client.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}})
			client.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
			return client.Flush() == nil
		default:
			return false
		}
	}
}
