package selftest_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/selftest"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

var pool dbtest.Pool

func TestMain(m *testing.M) { pool.Run(m) }

// run tries classes on a database that has something of each, and returns the
// outcomes by class.
func run(t *testing.T, major int, ks schema.Kinds, classes []selftest.Class) map[string]selftest.Outcome {
	t.Helper()
	d := dbtest.Database(t, pool.Server(t, major))
	script, err := os.ReadFile("testdata/all.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := dbtest.Load(context.Background(), d, string(script)); err != nil {
		t.Fatal(err)
	}
	before, err := dbtest.Read(context.Background(), d, ks)
	if err != nil {
		t.Fatal(err)
	}
	conn := dbtest.Connect(t, d)
	test := selftest.Test{Conn: conn, Kinds: ks, Seeds: []catalog.Seed{{Table: "public.kinds_of_unit"}}, Compared: before.Objects, Gate: func(before, after *schema.Snapshot) string {
		if changes := diff.Compare(before, after, ks); len(changes) > 0 {
			return changes[0].ID().String()
		}
		return ""
	}}
	outcomes, err := test.Run(context.Background(), classes)
	if err != nil {
		t.Fatal(err)
	}
	after, err := catalog.Read(context.Background(), conn.PgConn(), ks)
	if err != nil {
		t.Fatal(err)
	}
	if left := diff.Compare(before, after, ks); len(left) > 0 {
		t.Errorf("the scratch database is not as it was: %s", left[0].ID())
	}
	out := map[string]selftest.Outcome{}
	for _, o := range outcomes {
		out[o.Class] = o
	}
	return out
}

// Every class finds something to change, and the change is caught.
func TestEveryClassIsCaught(t *testing.T) {
	for _, major := range []int{14, 18} {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			for class, o := range run(t, major, slices.Concat(kinds.All, kinds.Seeds), selftest.All) {
				if o.Verdict != selftest.Caught {
					t.Errorf("%s: %s (%s) %s", class, o.Verdict, o.SQL, o.Note)
				}
			}
		})
	}
}

// A reader that has gone blind for kinds is found out, and is told what it still sees.
func TestBlindness(t *testing.T) {
	blind := slices.DeleteFunc(slices.Clone(kinds.All), func(k *schema.Kind) bool {
		return k.Name == "policy" || k.Name == "trigger" || k.Name == "default"
	})
	want := map[string]selftest.Verdict{
		"policy added": selftest.Missed, "policy changed": selftest.Missed, "policy dropped": selftest.Missed,
		"trigger disabled": selftest.Missed, "trigger dropped": selftest.Missed, "default changed": selftest.Missed,
		"row security turned off": selftest.Caught, "column added": selftest.Caught,
	}
	classes := slices.DeleteFunc(slices.Clone(selftest.All), func(c selftest.Class) bool { return want[c.Name] == "" })
	for class, o := range run(t, 15, blind, classes) {
		if o.Verdict != want[class] {
			t.Errorf("%q is %s (%s) %s; want %s", class, o.Verdict, o.SQL, o.Note, want[class])
		}
	}
}
