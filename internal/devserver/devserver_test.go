package devserver_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// each runs test on a private server of every major that is installed.
func each(t *testing.T, test func(*testing.T, *devserver.Server)) {
	t.Helper()
	found := map[int]bool{}
	for _, b := range devserver.Installed() {
		found[b.Major] = true
		t.Run(fmt.Sprint(b.Major), func(t *testing.T) { test(t, start(t, devserver.Config{BinDir: b.Dir})) })
	}
	for major := 14; major <= 18; major++ {
		if !found[major] {
			t.Logf("skipped PostgreSQL %d: not installed; scripts/fetch-postgres brings it", major)
		}
	}
}

func start(t testing.TB, cfg devserver.Config) *devserver.Server {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = func(line string) { t.Log(line) }
	}
	s, err := devserver.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func create(t testing.TB, s *devserver.Server) *devserver.Database {
	t.Helper()
	d, err := s.Create(t.Context(), devserver.Locale{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func exec(t testing.TB, d *devserver.Database, sql string) {
	t.Helper()
	conn, err := d.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func get[T any](t testing.TB, d *devserver.Database, sql string) T {
	t.Helper()
	conn, err := d.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var v T
	if err := conn.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func TestCreateCloneDrop(t *testing.T) {
	each(t, func(t *testing.T, s *devserver.Server) {
		at := time.Now()
		d := create(t, s)
		t.Logf("create %v", time.Since(at))
		exec(t, d, "CREATE TABLE t (a int); INSERT INTO t VALUES (42)")
		at = time.Now()
		c, err := s.Clone(t.Context(), d)
		t.Logf("clone %v", time.Since(at))
		if err != nil {
			t.Fatal(err)
		}
		if got := get[int](t, c, "SELECT a FROM t"); got != 42 {
			t.Errorf("the clone holds %d", got)
		}
		for _, d := range []*devserver.Database{d, c, c} {
			if err := d.Drop(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func BenchmarkStart(b *testing.B) {
	for _, bin := range devserver.Installed() {
		b.Run(fmt.Sprint(bin.Major), func(b *testing.B) {
			for b.Loop() {
				s := start(b, devserver.Config{BinDir: bin.Dir})
				create(b, s)
				b.StopTimer()
				s.Close()
				b.StartTimer()
			}
		})
	}
}
