package catalog_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// A role that may do nothing but connect reads what a superuser reads; what it
// is not shown counts as no difference.
func TestLimitedRole(t *testing.T) {
	script, err := os.ReadFile("testdata/everything.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, major := range []int{14, 18} {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			d := dbtest.Database(t, pool.Server(t, major))
			for _, sql := range []string{string(script), "CREATE ROLE limited LOGIN"} {
				if err := dbtest.Load(context.Background(), d, sql); err != nil {
					t.Fatal(err)
				}
			}
			all, err := dbtest.Read(context.Background(), d, kinds.All)
			if err != nil {
				t.Fatal(err)
			}
			seen := readAs(t, d, "limited")
			for _, c := range diff.Compare(all, seen, kinds.All) {
				t.Errorf("the limited role sees %s otherwise: %v", c.ID(), c.Attrs)
			}
		})
	}
}

func readAs(t *testing.T, d *devserver.Database, role string) *schema.Snapshot {
	t.Helper()
	cfg := d.Config()
	cfg.User = role
	conn, err := pgx.ConnectConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	s, err := catalog.Read(context.Background(), conn.PgConn(), kinds.All)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A reading that meets DDL gives the state before or after it, or an error,
// and never a mixture of the two.
func TestConcurrentDDL(t *testing.T) {
	d := dbtest.Database(t, pool.Server(t, 15))
	if err := dbtest.Load(context.Background(), d, "CREATE TABLE public.a (x int DEFAULT 1, y text)"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if _, err := dbtest.Read(context.Background(), d, kinds.All); err != nil {
		t.Fatal(err)
	}
	calm := time.Since(begun)
	stop := make(chan struct{})
	var storm sync.WaitGroup
	conn := dbtest.Connect(t, d)
	storm.Go(func() {
		for {
			for _, sql := range []string{
				"ALTER TABLE public.a RENAME TO b; CREATE VIEW public.v AS SELECT x FROM public.b; CREATE INDEX i ON public.b (y)",
				"DROP VIEW public.v; DROP INDEX public.i; ALTER TABLE public.b RENAME TO a",
			} {
				if err := conn.PgConn().Exec(context.Background(), sql).Close(); err != nil {
					t.Error(err)
					return
				}
				select {
				case <-stop:
					return
				case <-time.After(rand.N(4 * calm)):
				}
			}
		}
	})
	read := 0
	for range 10 {
		s, err := dbtest.Read(context.Background(), d, kinds.All)
		if err != nil {
			continue // it said that it could not tell
		}
		read++
		a := s.Objects[schema.ID{Kind: "table", Name: "public.a"}] != nil
		b := s.Objects[schema.ID{Kind: "table", Name: "public.b"}] != nil
		v := s.Objects[schema.ID{Kind: "view", Name: "public.v"}] != nil
		i := s.Objects[schema.ID{Kind: "index", Name: "public.i"}]
		if a == b || v != b || (i != nil) != b || b && i.Get("definition") != "public.b USING btree (y)" {
			t.Errorf("a mixture: table a %v, table b %v, view %v, index %v", a, b, v, i)
		}
	}
	close(stop)
	storm.Wait()
	if read == 0 {
		t.Error("not one of 10 readings came through")
	}
}
