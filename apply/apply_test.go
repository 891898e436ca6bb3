package apply_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/apply"
	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
)

var pool dbtest.Pool

func TestMain(m *testing.M) { pool.Run(m) }

// files make a history: one in a transaction, one in none, one that leads its
// own, and one that changes the session behind it.
var files = map[string]string{
	"001_tables.sql": "CREATE TABLE a (id int PRIMARY KEY, v int);\nINSERT INTO a SELECT i, i FROM generate_series(1, 9) i;\nCREATE VIEW w AS SELECT v FROM a;",
	"002_index.sql":  "-- atlas:txmode none\nCREATE TABLE b (v int);\nCREATE INDEX CONCURRENTLY a_v ON a (v);\nALTER TABLE b ADD w text;\nCREATE UNIQUE INDEX CONCURRENTLY b_v ON b (v);",
	"003_own.sql":    "BEGIN;\nCREATE TABLE c (id int);\nCOPY c FROM STDIN;\n1\n2\n\\.\nCOMMIT;\nCREATE TABLE d ();",
	"004_leaves.sql": "SET search_path = '';\nCREATE TABLE public.e ();\nCREATE TEMP TABLE gone ();",
	"005_after.sql":  "CREATE TABLE f (id int);",
}

func read(t testing.TB, files map[string]string) *history.History {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	h, err := history.Read(fsys, history.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// run is one plumb apply.
func run(address string, h *history.History, log func(string)) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	a, err := apply.Open(ctx, apply.Config{
		Database: desired.State{Name: "live", Source: desired.FromDatabase, URL: address},
		Log:      log, LockTimeout: 200 * time.Millisecond, LockWait: 10 * time.Minute,
	})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	status, err := a.Status(ctx, h)
	if err != nil {
		return nil, err
	}
	todo, err := status.Todo(apply.Linear)
	if err != nil {
		return nil, err
	}
	var done []string
	return done, a.Run(ctx, todo, func(e apply.Entry) { done = append(done, e.Name) })
}

func quiet(string) {}

// state is what a database holds, the log aside: tables and indexes, the
// columns, and whether an index is valid.
func state(t testing.TB, d *devserver.Database) string {
	t.Helper()
	var text string
	err := dbtest.Connect(t, d).QueryRow(context.Background(), `
		SELECT string_agg(concat(c.relname, c.relkind, a.attname, i.indisvalid), ',' ORDER BY c.relname, a.attnum)
		FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_index i ON i.indexrelid = c.oid
		WHERE c.relnamespace = 'public'::regnamespace AND c.relname !~ 'migrations_log'`).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// whole is a database to which everything was applied without a disturbance.
func whole(t testing.TB, server *devserver.Server, h *history.History) string {
	t.Helper()
	d := dbtest.Database(t, server)
	if _, err := run(d.URL(), h, quiet); err != nil {
		t.Fatal(err)
	}
	return state(t, d)
}

// Whatever message the connection is cut at, what is in the log is in the
// database and the other way round, and the next run ends as one that nothing
// has disturbed.
func TestCut(t *testing.T) {
	server := pool.Server(t, 15)
	h := read(t, files)
	want := whole(t, server, h)
	for n := int64(2); ; n++ {
		d := dbtest.Database(t, server)
		address, cutter := dbtest.Cut(t, d, "plumb apply", n)
		_, err := run(address, h, quiet)
		if !cutter.Reached() && err != nil {
			t.Fatal(err)
		}
		disturbed := err != nil
		if _, err := run(d.URL(), h, quiet); err != nil {
			t.Errorf("message %d: the run after says: %v", n, err)
		}
		if got := state(t, d); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		rows(t, d)
		if t.Failed() {
			t.Fatalf("when message %d was cut: %v", n, err)
		}
		if !disturbed { // no message is left but the last word
			return
		}
		if err := d.Drop(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// rows looks that rows were written once.
func rows(t testing.TB, d *devserver.Database) {
	t.Helper()
	var a, c, logged int
	err := dbtest.Connect(t, d).QueryRow(context.Background(),
		"SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM c), (SELECT count(*) FROM migrations_log WHERE state = 'applied')").Scan(&a, &c, &logged)
	if err != nil || a != 9 || c != 2 || logged != len(files) {
		t.Errorf("there are %d and %d rows, and %d files in the log: %v", a, c, logged, err)
	}
}

// Ten that apply at once apply each file once, without a deadlock between the
// lock and what builds indexes concurrently.
func TestTenAtOnce(t *testing.T) {
	server := pool.Server(t, 15)
	h := read(t, files)
	d := dbtest.Database(t, server)
	var all sync.WaitGroup
	var mu sync.Mutex
	var applied []string
	for range 10 {
		all.Go(func() {
			done, err := run(d.URL(), h, quiet)
			mu.Lock()
			defer mu.Unlock()
			applied = append(applied, done...)
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(applied) != len(files) {
		t.Errorf("applied were %v", applied)
	}
	if got, want := state(t, d), whole(t, server, h); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A statement that waits for a lock is tried again, and who is in the way is named.
func TestLockTimeout(t *testing.T) {
	d := dbtest.Database(t, pool.Server(t, 15))
	ctx := context.Background()
	holder := dbtest.Connect(t, d)
	for _, sql := range []string{"CREATE TABLE a ()", "BEGIN", "LOCK TABLE a"} {
		if _, err := holder.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	var said []string
	var once sync.Once
	_, err := run(d.URL(), read(t, map[string]string{"001_wait.sql": "ALTER TABLE a ADD b int;"}), func(text string) {
		said = append(said, text)
		if strings.Contains(text, "in the way") {
			once.Do(func() {
				if _, err := holder.Exec(ctx, "COMMIT"); err != nil {
					t.Error(err)
				}
			})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("in the way: pid %d", holder.PgConn().PID()); !strings.Contains(strings.Join(said, "\n"), want) {
		t.Errorf("said %q, and not %q", said, want)
	}
}

// Who asks for an end gets it from the server: nothing goes on behind plumb.
func TestInterrupt(t *testing.T) {
	d := dbtest.Database(t, pool.Server(t, 15))
	ctx, cancel := context.WithCancel(context.Background())
	a, err := apply.Open(ctx, apply.Config{Database: desired.State{Name: "live", URL: d.URL()}, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	h := read(t, map[string]string{"001_long.sql": "CREATE TABLE a ();\nSELECT pg_sleep(600);"})
	status, err := a.Status(ctx, h)
	if err != nil {
		t.Fatal(err)
	}
	watch := dbtest.Connect(t, d)
	go func() {
		defer cancel()
		for sleeping := false; !sleeping; time.Sleep(20 * time.Millisecond) {
			err := watch.QueryRow(context.Background(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database())").Scan(&sleeping)
			if err != nil {
				return
			}
		}
	}()
	err = a.Run(ctx, status.Files, func(apply.Entry) {})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "57014" {
		t.Errorf("got %v, want the server's word that the statement was cancelled", err)
	}
	var there bool
	if err := dbtest.Connect(t, d).QueryRow(context.Background(), "SELECT to_regclass('a') IS NOT NULL").Scan(&there); err != nil || there {
		t.Errorf("the table of a file that was stopped is there: %v %v", there, err)
	}
}
