package catalog_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// Of a database with an object of every class, nothing is left unexamined.
func TestNothingFallsThrough(t *testing.T) {
	script, err := os.ReadFile("testdata/everything.sql")
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string]map[string]bool{} // by kind, the attributes that a major has
	for _, major := range dbtest.All {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			d := dbtest.Database(t, pool.Server(t, major))
			if err := dbtest.Load(context.Background(), d, string(script)); err != nil {
				t.Fatal(err)
			}
			if major >= 15 {
				if err := dbtest.Load(context.Background(), d, "CREATE PUBLICATION pubs FOR TABLES IN SCHEMA s"); err != nil {
					t.Fatal(err)
				}
			}
			snap, err := dbtest.Read(context.Background(), d, kinds.All)
			if err != nil {
				t.Fatal(err)
			}
			if len(snap.NotExamined) > 0 {
				t.Errorf("not examined:\n%s", strings.Join(snap.NotExamined, "\n"))
			}
			for _, o := range snap.Objects {
				for _, v := range o.Attrs.Values {
					if strings.Contains(v, "secret") {
						t.Errorf("%s shows a secret: %s", o.ID, v)
					}
				}
			}
			wantEveryKind(t, snap)
			for id, o := range snap.Objects {
				if printed[id.Kind] == nil {
					printed[id.Kind] = map[string]bool{}
				}
				for _, name := range o.Attrs.Names {
					printed[id.Kind][name] = true
				}
			}
		})
	}
	if len(printed) < len(kinds.All)-1 { // security labels are left out
		t.Skipf("only with all majors, 15 and 18 at least: %d of %d kinds were seen", len(printed), len(kinds.All))
	}
	wantAttrs(t, printed)
}

// wantAttrs wants every declared attribute to come from some major's query:
// that none comes undeclared the reader sees to.
func wantAttrs(t *testing.T, printed map[string]map[string]bool) {
	t.Helper()
	for _, k := range kinds.All {
		for _, a := range k.Attrs {
			if printed[k.Name] != nil && !printed[k.Name][a.Name] {
				t.Errorf("%s declares %q, which no query returns", k.Name, a.Name)
			}
		}
	}
}

// wantEveryKind wants an object of every kind, so that a new kind is added to
// the script.
func wantEveryKind(t *testing.T, snap *schema.Snapshot) {
	t.Helper()
	seen := map[string]bool{}
	for id := range snap.Objects {
		seen[id.Kind] = true
	}
	for _, k := range kinds.All {
		switch {
		case k.Name == "security label":
			continue // needs a label provider, which is a loaded module
		case k.Name == "publication namespace" && snap.Major() < 15:
			continue
		}
		if !seen[k.Name] {
			t.Errorf("testdata/everything.sql makes no %s", k.Name)
		}
	}
}

// What no kind reads is said to be not examined.
func TestNotExamined(t *testing.T) {
	d := dbtest.Database(t, pool.Server(t, 15))
	if err := dbtest.Load(context.Background(), d, "CREATE TABLE t (id int); CREATE VIEW v AS SELECT 1;"); err != nil {
		t.Fatal(err)
	}
	snap, err := dbtest.Read(context.Background(), d, schema.Kinds{kinds.All.Find("schema")})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(snap.NotExamined, ", "); got != "table t, view v" && got != "table public.t, view public.v" {
		t.Errorf("not examined: %s", got)
	}
}
