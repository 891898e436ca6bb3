package catalog_test

import (
	"context"
	"net"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

var pool dbtest.Pool

func TestMain(m *testing.M) { pool.Run(m) }

// A countingConn counts how often the client, having written, waits for an answer.
type countingConn struct {
	net.Conn
	trips *atomic.Int64
	wrote atomic.Bool
}

func (c *countingConn) Write(b []byte) (int, error) {
	c.wrote.Store(true)
	return c.Conn.Write(b)
}

func (c *countingConn) Read(b []byte) (int, error) {
	if c.wrote.Swap(false) {
		c.trips.Add(1)
	}
	return c.Conn.Read(b)
}

// roundTrips counts those of one reading.
func roundTrips(t *testing.T, d *devserver.Database) int64 {
	t.Helper()
	var trips atomic.Int64
	cfg := d.Config()
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		return &countingConn{Conn: c, trips: &trips}, err
	}
	conn, err := pgx.ConnectConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	before := trips.Load()
	if _, err := catalog.Read(context.Background(), conn.PgConn(), kinds.All); err != nil {
		t.Fatal(err)
	}
	return trips.Load() - before
}

// The number of round trips does not depend on the number of objects.
func TestRoundTrips(t *testing.T) {
	server := pool.Server(t, 15)
	count := func(tables int) int64 {
		d := dbtest.Database(t, server)
		if err := dbtest.Load(context.Background(), d, dbtest.Large(tables)); err != nil {
			t.Fatal(err)
		}
		return roundTrips(t, d)
	}
	few, many := count(10), count(1000)
	if few != many || few > 8 {
		t.Errorf("10 tables take %d round trips, 1,000 take %d; want the same, and few", few, many)
	}
}

// readTwice reads a database as plumb reads a live one: on two connections.
func readTwice(t testing.TB, d *devserver.Database) *schema.Snapshot {
	t.Helper()
	var conns []*pgconn.PgConn
	for range 2 {
		c, err := d.Connect(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		conns = append(conns, c.PgConn())
	}
	s, err := catalog.Read(context.Background(), conns[0], kinds.All, conns[1])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Two connections read what one reads.
func TestTwoConnections(t *testing.T) {
	d := dbtest.Database(t, pool.Server(t, 15))
	if err := dbtest.Load(context.Background(), d, dbtest.Large(3)); err != nil {
		t.Fatal(err)
	}
	one, err := dbtest.Read(context.Background(), d, kinds.All)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(one, readTwice(t, d)); d != "" {
		t.Errorf("two connections read otherwise (-one +two):\n%s", d)
	}
}

// BenchmarkRead reads a schema of 1,000 tables, and has pg_dump do the same:
// compare the two lines.
func BenchmarkRead(b *testing.B) {
	server := pool.Server(b, 15)
	d := dbtest.Database(b, server)
	if err := dbtest.Load(context.Background(), d, dbtest.Large(1000)); err != nil {
		b.Fatal(err)
	}
	b.Run("plumb", func(b *testing.B) {
		for b.Loop() {
			readTwice(b, d)
		}
	})
	b.Run("pg_dump", func(b *testing.B) {
		for b.Loop() {
			if out, err := exec.Command("/usr/lib/postgresql/15/bin/pg_dump", "--schema-only", "--file", "/dev/null", d.URL()).CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
		}
	})
}
