package diff_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// An index that CREATE INDEX CONCURRENTLY left invalid is not taken for a good
// one: it differs, and is made anew.
func TestAnInvalidIndexIsMadeAnew(t *testing.T) {
	server := pool.Server(t, 15)
	from, to := dbtest.Database(t, server), dbtest.Database(t, server)
	load(t, from, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
	if err := dbtest.Load(context.Background(), from, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)"); err == nil {
		t.Fatal("a unique index was made over rows that are alike")
	}
	load(t, from, "TRUNCATE t")
	load(t, to, "CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a)")
	wantChange(t, from, to, schema.ID{Kind: "index", Name: "public.i"}, "validity")
}

// A partition whose DETACH CONCURRENTLY was cut off halfway differs from one
// that is attached: the detaching is ended, and it is attached again.
func TestAPendingDetachIsSeen(t *testing.T) {
	server := pool.Server(t, 15)
	from, to := dbtest.Database(t, server), dbtest.Database(t, server)
	load(t, to, listed)
	leavePending(t, from)
	wantChange(t, from, to, schema.ID{Kind: "partition", Name: "public.p1"}, "pending")
}

// One that is wanted apart is detached to the end.
func TestAPendingDetachIsEnded(t *testing.T) {
	server := pool.Server(t, 15)
	from, to := dbtest.Database(t, server), dbtest.Database(t, server)
	load(t, to, "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 (a int)")
	leavePending(t, from)
	wantPlan(t, from, look(t, from), look(t, to))
}

const listed = "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)"

// leavePending makes the tables, and cuts off a detaching of p1.
func leavePending(t *testing.T, from *devserver.Database) {
	t.Helper()
	ctx := context.Background()
	load(t, from, listed)
	reader, detacher := dbtest.PgConn(t, from), dbtest.PgConn(t, from)
	if err := reader.Exec(ctx, "BEGIN; SELECT FROM p").Close(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- detacher.Exec(ctx, "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY").Close() }()
	watcher := dbtest.Connect(t, from)
	for pending := false; !pending; time.Sleep(10 * time.Millisecond) {
		if err := watcher.QueryRow(ctx, "SELECT bool_or(inhdetachpending) FROM pg_inherits").Scan(&pending); err != nil {
			t.Fatal(err)
		}
	}
	if err := detacher.CancelRequest(ctx); err != nil {
		t.Fatal(err)
	}
	if <-done == nil {
		t.Fatal("the detaching did not wait for a reader")
	}
	if err := reader.Exec(ctx, "ROLLBACK").Close(); err != nil {
		t.Fatal(err)
	}
}

// wantChange wants an object to differ in one attribute, and the plan to lead
// from one database to the other.
func wantChange(t *testing.T, from, to *devserver.Database, id schema.ID, attr string) {
	t.Helper()
	was, want := look(t, from), look(t, to)
	changes := diff.Compare(was.Snapshot, want.Snapshot, kinds.All)
	if !slices.ContainsFunc(changes, func(c diff.Change) bool { return c.ID() == id && slices.Equal(c.Attrs, []string{attr}) }) {
		t.Fatalf("%s does not differ in %s; the changes are %v", id, attr, changes)
	}
	wantPlan(t, from, was, want)
}

// wantPlan wants the plan to lead from one database to the other.
func wantPlan(t *testing.T, from *devserver.Database, was, want dbtest.State) {
	t.Helper()
	plan, err := diff.MakePlan(was.Snapshot, want.Snapshot, kinds.All)
	if err != nil {
		t.Fatal(err)
	}
	load(t, from, dbtest.Script(plan))
	if left := diff.Compare(look(t, from).Snapshot, want.Snapshot, kinds.All); len(left) > 0 {
		t.Errorf("%d objects still differ after\n%s", len(left), dbtest.Script(plan))
	}
}
