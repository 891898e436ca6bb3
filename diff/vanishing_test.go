package diff_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/kinds"
)

// Labels that are taken away while rows hold them stop the plan, which counts
// the rows, whatever the columns are called; once no row holds one it goes on.
func TestLabelsInUseAreCounted(t *testing.T) {
	server := pool.Server(t, 15)
	from, to := dbtest.Database(t, server), dbtest.Database(t, server)
	const table = `CREATE TABLE "it's $guard$" (held status, label status[], v int, t text, u int)`
	load(t, from, `CREATE TYPE status AS ENUM ('new', 'it''s', 'x'); `+table+`;
INSERT INTO "it's $guard$" VALUES ('x', '{x,x,new}'), ('it''s', '{{x},{new}}'), ('new', NULL), ('x', '{}')`)
	load(t, to, `CREATE TYPE status AS ENUM ('new'); `+table)
	plan, err := diff.MakePlan(look(t, from).Snapshot, look(t, to).Snapshot, kinds.All)
	if err != nil {
		t.Fatal(err)
	}
	script := "BEGIN;" + dbtest.Script(plan) + "COMMIT"
	for _, step := range []struct{ refused, repair string }{
		{`cannot take labels away from public.status: rows of public."it's $guard$".held hold 'it''s' (1), 'x' (2)`,
			`UPDATE "it's $guard$" SET held = 'new'`},
		{`cannot take labels away from public.status: rows of public."it's $guard$".label hold 'x' (2)`,
			`UPDATE "it's $guard$" SET label = '{new}'`},
	} {
		var pg *pgconn.PgError
		if err := dbtest.Load(context.Background(), from, script); !errors.As(err, &pg) || pg.Message != step.refused {
			t.Fatalf("the plan ends with %v\nwant %s\nthe plan:\n%s", err, step.refused, script)
		}
		load(t, from, step.repair)
	}
	load(t, from, script)
}
