// Package dbtest gives tests real servers of every major that this machine
// has, and the small things that tests on them need.
package dbtest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/schema"
)

// All is every major that plumb promises to work with.
var All = []int{14, 15, 16, 17, 18}

// A Pool holds the servers that a package's tests share.
type Pool struct {
	mu      sync.Mutex
	servers map[int]*devserver.Server
}

// Server is the pool's server of a major; the test is skipped, saying so, if
// this machine has none.
func (p *Pool) Server(t testing.TB, major int) *devserver.Server {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.servers[major]; s != nil {
		return s
	}
	found := false
	for _, b := range devserver.Installed() {
		found = found || b.Major == major
	}
	if !found {
		t.Skipf("PostgreSQL %d is not installed; scripts/fetch-postgres %d fetches it", major, major)
	}
	s, err := devserver.Start(context.Background(), devserver.Config{Major: major})
	if err != nil {
		t.Fatal(err)
	}
	if p.servers == nil {
		p.servers = map[int]*devserver.Server{}
	}
	p.servers[major] = s
	return s
}

// Run runs a package's tests and stops the servers afterwards; call it from
// TestMain.
func (p *Pool) Run(m *testing.M) {
	SkipExamples()
	code := m.Run()
	for _, s := range p.servers {
		if err := s.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// SkipExamples leaves out the examples, which cannot do so by themselves, where
// there is no PostgreSQL to run them on; call it from TestMain.
func SkipExamples() {
	if skip := flag.Lookup("test.skip"); len(devserver.Installed()) == 0 && skip.Value.String() == "" {
		fmt.Fprintln(os.Stderr, "the examples are skipped: there is no PostgreSQL on this machine; scripts/fetch-postgres fetches one")
		_ = skip.Value.Set("^Example") // any text is a value
	}
}

// Database makes an empty database that is dropped after the test, or kept,
// with its address, where the test failed and PLUMB_KEEP is set.
func Database(t testing.TB, s *devserver.Server) *devserver.Database {
	t.Helper()
	d, err := s.Create(context.Background(), devserver.Locale{})
	if err != nil {
		t.Fatal(err)
	}
	dropLater(t, d)
	return d
}

// Clone copies a database as Database makes one.
func Clone(t testing.TB, s *devserver.Server, src *devserver.Database) *devserver.Database {
	t.Helper()
	d, err := s.Clone(context.Background(), src)
	if err != nil {
		t.Fatal(err)
	}
	dropLater(t, d)
	return d
}

func dropLater(t testing.TB, d *devserver.Database) {
	t.Cleanup(func() {
		if t.Failed() && os.Getenv("PLUMB_KEEP") != "" {
			t.Logf("kept: %s", d.URL())
			return
		}
		if err := d.Drop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// Connect connects to a database for the length of the test.
func Connect(t testing.TB, d *devserver.Database) *pgx.Conn {
	t.Helper()
	conn, err := d.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// Load runs a script in a database, each statement by itself as psql does.
func Load(ctx context.Context, d *devserver.Database, sql string) error {
	return within(ctx, d, func(conn *pgx.Conn) error { return load(ctx, conn, sql) })
}

func load(ctx context.Context, conn *pgx.Conn, sql string) error {
	statements, err := history.SplitStatements("script.sql", sql)
	if err != nil {
		return err
	}
	if err := conn.PgConn().Exec(ctx, "SET check_function_bodies = off").Close(); err != nil {
		return err
	}
	for _, s := range statements {
		if err := conn.PgConn().Exec(ctx, s.Text).Close(); err != nil {
			return fmt.Errorf("%w\nin: %s", err, s.Text)
		}
	}
	return nil
}

// Read reads a database.
func Read(ctx context.Context, d *devserver.Database, kinds schema.Kinds) (snap *schema.Snapshot, err error) {
	err = within(ctx, d, func(conn *pgx.Conn) error {
		snap, err = catalog.Read(ctx, conn.PgConn(), kinds)
		return err
	})
	return snap, err
}

// within does something on a connection of its own.
func within(ctx context.Context, d *devserver.Database, do func(*pgx.Conn) error) error {
	conn, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return do(conn)
}

// PgConn is the wire connection of a database, for the length of the test.
func PgConn(t testing.TB, d *devserver.Database) *pgconn.PgConn { return Connect(t, d).PgConn() }
