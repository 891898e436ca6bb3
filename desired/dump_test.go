package desired

import (
	"context"
	"slices"
	"testing"

	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/pgdump"
)

// The second witness is believed but for what the server itself words otherwise
// once it has read its own print: what is not made, or made a little otherwise, is
// told.
func TestSecondWitness(t *testing.T) {
	const words = `
CREATE TABLE t (a int, s varchar, CHECK (a BETWEEN 1 AND 2 AND a <> 3), CHECK (s IN ('m', 'n')));
CREATE VIEW years AS SELECT EXTRACT('YEAR' FROM now());
CREATE VIEW people AS SELECT * FROM (SELECT NULL::name UNION SELECT 'everybody') x;
COMMENT ON VIEW years IS 'Years';
`
	const comment = "COMMENT ON TABLE public.t IS 'Ages (of people)';"
	f := newFixture(t, "-- s.sql --"+words+comment)
	built := f.build(t, "s.sql")
	for _, c := range []struct {
		what, made     string
		missing, extra []string
	}{
		{"nothing else", comment, nil, nil},
		{"a line that is not there", "", []string{comment}, nil},
		{"brackets and capitals of one's own", "COMMENT ON TABLE public.t IS 'ages of people';",
			[]string{comment}, []string{"COMMENT ON TABLE public.t IS 'ages of people';"}},
	} {
		v := &Verification{}
		if err := f.b.askDump(context.Background(), v, built.db, f.reread(t, words+c.made)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(v.Missing, c.missing) || !slices.Equal(v.Extra, c.extra) {
			t.Errorf("%s: missing %q, extra %q", c.what, v.Missing, v.Extra)
		}
	}
}

// reread is a database that was made from the server's own print of what some
// SQL makes, as one is that plumb rebuilds.
func (f *fixture) reread(t *testing.T, sql string) *devserver.Database {
	ctx := context.Background()
	program, _ := pgdump.Find(ctx, f.b.server.Major())
	if program == "" {
		t.Skip("there is no pg_dump on this machine")
	}
	var db *devserver.Database
	for range 2 {
		var err error
		if db, err = f.b.server.Create(ctx, f.b.locale); err == nil {
			err = restore(ctx, db, sql)
		}
		if err == nil {
			sql, err = pgdump.Text(ctx, program, db)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return db
}
