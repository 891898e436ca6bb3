package devserver_test

import (
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"runtime"
	"strings"
	"sync"
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
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t testing.TB, s *devserver.Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func create(t testing.TB, s *devserver.Server) *devserver.Database {
	t.Helper()
	d, err := s.Create(t.Context(), devserver.Locale{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func exec(t testing.TB, d *devserver.Database, statements ...string) {
	t.Helper()
	conn, err := d.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
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

// ownCache gives the test slots that no other test uses.
func ownCache(t *testing.T) {
	t.Helper()
	binaries := devserver.Installed()
	if len(binaries) == 0 {
		t.Skip("no PostgreSQL is installed")
	}
	dir, err := os.MkdirTemp("", "devserver-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // t.TempDir is closed to the user who runs root's servers
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("PLUMB_PG_BIN", binaries[len(binaries)-1].Dir)
	t.Setenv("XDG_CACHE_HOME", dir)
}

func TestCreateCloneDrop(t *testing.T) {
	each(t, func(t *testing.T, s *devserver.Server) {
		d := create(t, s)
		exec(t, d, "CREATE TABLE t (a int); INSERT INTO t VALUES (42)")
		c, err := s.Clone(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if got := get[int](t, c, "SELECT a FROM t"); got != 42 {
			t.Errorf("the clone holds %d", got)
		}
		if got := get[int](t, create(t, s), "SELECT count(*) FROM pg_class WHERE oid >= 16384"); got != 0 {
			t.Errorf("a new database has %d relations", got)
		}
		for _, d := range []*devserver.Database{d, c, c} {
			if err := d.Drop(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if major := get[int](t, create(t, s), "SELECT current_setting('server_version_num')::int / 10000"); major != s.Major() {
			t.Errorf("Major is %d, the server says %d", s.Major(), major)
		}
	})
}

func TestTheServerIsReachableByItsSocketAlone(t *testing.T) {
	each(t, func(t *testing.T, s *devserver.Server) {
		d := create(t, s)
		if got := get[string](t, d, "SELECT current_setting('listen_addresses')"); got != "" {
			t.Errorf("it listens on %s", got)
		}
		info, err := os.Stat(d.Config().Host)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the socket's folder: %v %v", info.Mode(), err)
		}
		if got := get[string](t, d, "SELECT current_user::text"); got != "postgres" {
			t.Errorf("the superuser is %s", got)
		}
	})
}

func TestPsqlUnderstandsTheURL(t *testing.T) {
	psql, err := osexec.LookPath("psql")
	if err != nil {
		t.Skip("there is no psql")
	}
	t.Setenv("PGHOST", "nowhere.invalid") // must not count, here or for psql
	t.Setenv("PGPASSWORD", "wrong")
	each(t, func(t *testing.T, s *devserver.Server) {
		d := create(t, s)
		out, err := osexec.Command(psql, "-XAtc", "SELECT current_database()", d.URL()).CombinedOutput()
		if got := strings.TrimSpace(string(out)); got != d.Name || err != nil {
			t.Errorf("%s %v", got, err)
		}
	})
}

func TestPublicationsAndSubscriptionsAreNoObstacle(t *testing.T) {
	each(t, func(t *testing.T, s *devserver.Server) {
		d := create(t, s)
		exec(t, d,
			"CREATE TABLE t (a int PRIMARY KEY)",
			"CREATE PUBLICATION p FOR TABLE t",
			"CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false)")
		if err := d.Drop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestACloneOfABusyDatabaseIsRefused(t *testing.T) {
	s := start(t, devserver.Config{})
	d := create(t, s)
	conn, err := d.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Clone(t.Context(), d)
	if err == nil || !strings.Contains(err.Error(), "being accessed by other users") {
		t.Errorf("got %v", err)
	}
	conn.Close(t.Context())
	if _, err := s.Clone(t.Context(), d); err != nil { // at once: nobody needs to wait for a session to go
		t.Error(err)
	}
	if _, err := d.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Drop(t.Context()); err != nil { // drops who is connected
		t.Error(err)
	}
}

func TestManyTablesFitIntoOneTransaction(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	exec(t, create(t, start(t, devserver.Config{})),
		"DO $$ BEGIN FOR i IN 1..3000 LOOP EXECUTE 'CREATE TABLE t' || i || ' (a int PRIMARY KEY)'; END LOOP; END $$",
		"DROP SCHEMA public CASCADE")
}

func TestTwoPlumbsAtOnce(t *testing.T) {
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			s, err := devserver.Start(t.Context(), devserver.Config{})
			if err != nil {
				t.Error(err)
				return
			}
			d, err := s.Create(t.Context(), devserver.Locale{})
			if err != nil {
				t.Error(err)
			} else if _, err := s.Clone(t.Context(), d); err != nil {
				t.Error(err)
			}
			stop(t, s)
		})
	}
	group.Wait()
}

func TestNothingOfARunIsSeenByTheNext(t *testing.T) {
	for name, statements := range map[string][]string{
		"what can be dropped": {
			"CREATE ROLE a", "CREATE ROLE b IN ROLE a", "CREATE TABLE t ()", "ALTER TABLE t OWNER TO a",
			"GRANT ALL ON DATABASE postgres TO b", "CREATE DATABASE other IS_TEMPLATE true",
			"ALTER SYSTEM SET work_mem = '1234kB'",
		},
		"what cannot": {
			"COMMENT ON ROLE postgres IS 'not as initdb made it'", "ALTER ROLE postgres SET work_mem = '1234kB'",
		},
	} {
		t.Run(name, func(t *testing.T) {
			ownCache(t)
			first := start(t, devserver.Config{})
			before := state(t, create(t, first))
			exec(t, create(t, first), statements...)
			stop(t, first)
			if after := state(t, create(t, start(t, devserver.Config{}))); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
		})
	}
}

// state is what a run could see of another one.
func state(t *testing.T, d *devserver.Database) string {
	return get[string](t, d, `
		SELECT concat_ws(E'\n',
			(SELECT string_agg(rolname || coalesce(rolconfig::text, ''), ',' ORDER BY rolname) FROM pg_roles),
			(SELECT string_agg(datname || coalesce(datacl::text, ''), ',' ORDER BY datname) FROM pg_database WHERE datname !~ '^plumb_'),
			(SELECT string_agg(description, ',' ORDER BY description) FROM pg_shdescription),
			(SELECT string_agg(slot_name, ',') FROM pg_replication_slots),
			current_setting('work_mem'))`)
}

func TestAStartCanBeCancelled(t *testing.T) {
	ownCache(t)
	goroutines := runtime.NumGoroutine()
	for _, patience := range []time.Duration{0, 10 * time.Millisecond, 300 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		s, err := devserver.Start(ctx, devserver.Config{})
		cancel()
		if err == nil {
			stop(t, s)
		} else if ctx.Err() == nil {
			t.Error(err)
		}
	}
	stop(t, start(t, devserver.Config{})) // what was cancelled half-way is made anew
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for _, bin := range devserver.Installed() {
		b.Run(fmt.Sprintf("warm/%d", bin.Major), func(b *testing.B) { benchmark(b, bin) })
	}
}

func BenchmarkFirstStart(b *testing.B) {
	for _, bin := range devserver.Installed() {
		b.Run(fmt.Sprintf("cold/%d", bin.Major), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				dir, _ := os.MkdirTemp("", "devserver-")
				os.Chmod(dir, 0o755)
				b.Setenv("XDG_CACHE_HOME", dir)
				b.StartTimer()
				s, err := devserver.Start(b.Context(), devserver.Config{BinDir: bin.Dir})
				if err != nil {
					b.Fatal(err)
				}
				create(b, s)
				b.StopTimer()
				stop(b, s)
				os.RemoveAll(dir)
				b.StartTimer()
			}
		})
	}
}

// benchmark measures the time to an empty database that is ready.
func benchmark(b *testing.B, bin devserver.Binaries) {
	for b.Loop() {
		s, err := devserver.Start(b.Context(), devserver.Config{BinDir: bin.Dir})
		if err != nil {
			b.Fatal(err)
		}
		create(b, s)
		b.StopTimer()
		stop(b, s)
		b.StartTimer()
	}
}
