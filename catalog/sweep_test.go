package catalog_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
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
			load(t, d, string(script))
			load(t, d, "GRANT pg_monitor TO everything_owner")
			t.Cleanup(func() { load(t, d, "REVOKE pg_monitor FROM everything_owner") })
			if major >= 15 {
				load(t, d, "CREATE PUBLICATION pubs FOR TABLES IN SCHEMA s; GRANT SET ON PARAMETER work_mem TO everything_owner")
				t.Cleanup(func() { load(t, d, "REVOKE ALL ON PARAMETER work_mem FROM everything_owner") })
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
			wantEveryClass(t, d)
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

func load(t *testing.T, d *devserver.Database, sql string) {
	t.Helper()
	if err := dbtest.Load(context.Background(), d, sql); err != nil {
		t.Fatal(err)
	}
}

// wantEveryClass wants an object in every catalog that pg_identify_object knows
// on this server, so that the sweep is asked about each.
func wantEveryClass(t *testing.T, d *devserver.Database) {
	t.Helper()
	ctx, conn := context.Background(), dbtest.Connect(t, d)
	rows, err := conn.Query(ctx, `SELECT c.oid, c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'oid'
		WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'`)
	if err != nil {
		t.Fatal(err)
	}
	type catalogTable struct {
		OID  uint32
		Name string
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[catalogTable])
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, c := range tables {
		if c.Name == "pg_tablespace" {
			continue // a folder of the server's machine: what is kept there says so
		}
		if _, err := conn.Exec(ctx, "SELECT pg_identify_object($1, 0, 0)", c.OID); err != nil {
			continue // no class of objects, such as pg_enum
		}
		known++
		var there bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+pgx.Identifier{c.Name}.Sanitize()+" WHERE oid >= 16384)").Scan(&there); err != nil {
			t.Fatal(err)
		}
		if !there {
			t.Errorf("testdata/everything.sql makes nothing in %s", c.Name)
		}
	}
	if known < 35 {
		t.Errorf("pg_identify_object seems to know only %d classes", known)
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

// What hangs on a member of an extension is an object of the user's, unless it
// was made with the member.
func TestHungOnMembers(t *testing.T) {
	d := dbtest.Database(t, pool.Server(t, 15))
	load(t, d, `
CREATE EXTENSION citext;
BEGIN; CREATE TABLE m (id int PRIMARY KEY, n text); CREATE INDEX own ON m (n); ALTER EXTENSION citext ADD TABLE m; COMMIT;
CREATE INDEX theirs ON m (n);
CREATE POLICY p ON m USING (true);
ALTER TABLE m ADD CONSTRAINT n_long CHECK (length(n) > 3), ALTER n SET DEFAULT 'long';
CREATE STATISTICS st ON id, n FROM m;
COMMENT ON INDEX theirs IS 'x';
COMMENT ON INDEX own IS 'y';`)
	snap, err := dbtest.Read(context.Background(), d, kinds.All)
	if err != nil {
		t.Fatal(err)
	}
	extension := schema.ID{Kind: "extension", Name: "citext"}
	for _, id := range []schema.ID{
		{Kind: "index", Name: "public.theirs"}, {Kind: "policy", Name: "p on public.m"}, {Kind: "constraint", Name: "n_long on public.m"},
		{Kind: "default", Name: "for public.m.n"}, {Kind: "statistics object", Name: "public.st"},
	} {
		o := snap.Objects[id]
		switch {
		case o == nil:
			t.Errorf("%s is not seen", id)
		case !slices.Contains(o.With, extension):
			t.Errorf("%s does not go down with the extension, but with %v", id, o.With)
		}
	}
	own := []schema.ID{{Kind: "constraint", Name: "m_pkey on public.m"}, {Kind: "constraint index", Name: "public.m_pkey"}, {Kind: "index", Name: "public.own"}}
	brought := slices.DeleteFunc(snap.Brought, func(id schema.ID) bool {
		return !strings.HasSuffix(id.Name, "public.m") && !strings.HasPrefix(id.Name, "public.")
	})
	if diff := cmp.Diff(own, brought); diff != "" {
		t.Errorf("what the extension brought (-want +got):\n%s", diff)
	}
	comment := func(on string) bool { return snap.Objects[schema.ID{Kind: "comment", Name: "on index " + on}] != nil }
	if comment("public.own") || !comment("public.theirs") || len(snap.NotExamined) > 0 {
		t.Errorf("the extension's own index has a comment, theirs has none, or something was not examined: %q", snap.NotExamined)
	}
}
