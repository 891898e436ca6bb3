package coverage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// A state is what both witnesses say of a schema, and a copy of it that is
// still as it was built; nil once a plan has run there.
type state struct {
	name string
	snap *schema.Snapshot
	dump []string
	copy *devserver.Database
	more []*devserver.Database // further copies
}

// A lab builds the states of one suite on one server.
type lab struct {
	builder *desired.Builder
	pgDump  string
	keep    string // where the plans that did not lead there are kept; "" for nowhere
}

// build builds a state, copies it, and has the witnesses look at it.
func (l *lab) build(ctx context.Context, s desired.State) (*state, *desired.Built, error) {
	built, err := l.builder.Build(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	out := &state{name: s.Name, snap: built.Snapshot}
	if out.copy, err = l.builder.Clone(ctx, built); err != nil {
		return nil, nil, err
	}
	out.dump, err = l.dump(ctx, out.copy)
	return out, built, err
}

// read is what the witnesses say of a database now.
func (l *lab) read(ctx context.Context, db *devserver.Database) (*state, error) {
	conn, err := db.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	snap, err := catalog.Read(ctx, conn.PgConn(), kinds.All)
	if err != nil {
		return nil, err
	}
	lines, err := l.dump(ctx, db)
	return &state{snap: snap, dump: lines, copy: db}, err
}

// same says how a copy of a state differs from it, or what a plan would do
// where there is nothing to do.
func (l *lab) same(ctx context.Context, s *state) string {
	got, err := l.read(ctx, s.copy)
	if err != nil {
		return err.Error()
	}
	if why := l.differs(ctx, got, s); why != "" {
		return why
	}
	plan, err := diff.MakePlan(got.snap, s.snap, kinds.All)
	if err != nil {
		return err.Error()
	}
	if !plan.Empty() {
		return "a plan to stay as it is does " + plan.Statements()[0]
	}
	return ""
}

// way goes from one state to another in the copy of the first, which is used up,
// and says why it did not arrive, and which rows it had to be rid of.
func (l *lab) way(ctx context.Context, name string, from, to *state) (why, rows string) {
	plan, err := diff.MakePlan(from.snap, to.snap, kinds.All)
	if err != nil {
		return err.Error(), ""
	}
	sql := report.SQL(plan)
	db := from.copy
	from.copy = nil
	if rows, err = run(ctx, db, sql); err != nil {
		why = err.Error()
	} else if got, err := l.read(ctx, db); err != nil {
		why = err.Error()
	} else {
		why = l.differs(ctx, got, to)
	}
	if err := db.Drop(ctx); err != nil && why == "" {
		why = err.Error()
	}
	if why != "" && l.keep != "" {
		file := filepath.Join(l.keep, filepath.FromSlash(name)+".sql")
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte("-- "+report.OneLine(why)+"\n"+sql), 0o644)); err != nil {
			why = err.Error()
		}
	}
	return why, rows
}

// run runs a script, each statement by itself as psql does. Where a statement
// is stopped by rows, which only people can say what to do with, all rows are
// removed and it goes on; stopped says by which.
func run(ctx context.Context, d *devserver.Database, sql string) (stopped string, err error) {
	statements, err := history.SplitStatements("plan.sql", sql)
	if err != nil {
		return "", err
	}
	conn, err := d.Connect(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	for _, s := range statements {
		err := conn.PgConn().Exec(ctx, s.Text).Close()
		if stopped == "" && ofRows(err) {
			stopped = err.Error()
			if err = conn.PgConn().Exec(ctx, removeRows).Close(); err == nil {
				err = conn.PgConn().Exec(ctx, s.Text).Close()
			}
		}
		if err != nil {
			return stopped, fmt.Errorf("%w, in: %s", err, s.Text)
		}
	}
	return stopped, nil
}

// ofRows reports whether a statement failed because of the rows that are there:
// integrity violations and values that cannot be converted.
func ofRows(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "23") || strings.HasPrefix(pg.Code, "22"))
}

const removeRows = `DO $$ DECLARE tables text; BEGIN
SELECT string_agg(oid::regclass::text, ', ') INTO tables FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384;
IF tables IS NOT NULL THEN EXECUTE 'TRUNCATE ' || tables || ' CASCADE'; END IF; END $$`
