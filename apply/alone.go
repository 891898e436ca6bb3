package apply

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/history"
)

// alone runs a statement that no transaction can hold. Before it begins, the log
// says what the catalogs look like: a run that is killed meanwhile does not know
// whether the statement came to its end.
func (s *stepping) alone(ctx context.Context, st history.Statement) error {
	before, err := s.look(ctx)
	if err != nil {
		return err
	}
	s.e.Trace = before.String()
	if err := s.write(ctx); err != nil {
		return err
	}
	if err := s.statement(ctx, s.f, st); err != nil {
		return s.left(context.WithoutCancel(ctx), before, err)
	}
	s.done(s.e.Done + 1)
	return s.write(ctx)
}

// A trace sums up what statements that no transaction can hold leave behind:
// which relations there are, and which indexes are valid.
type trace struct {
	sum     string
	highest uint32            // number of a relation
	invalid map[uint32]string // indexes by number, with their names
}

func (t trace) String() string { return fmt.Sprintf("%s %d", t.sum, t.highest) }

func (s *stepping) look(ctx context.Context) (trace, error) {
	t := trace{invalid: map[uint32]string{}}
	err := s.conn.QueryRow(ctx, `SELECT coalesce(pg_catalog.md5(pg_catalog.string_agg(x, ',' ORDER BY x)), ''), coalesce(pg_catalog.max(oid), 0) FROM (
		SELECT oid::bigint, pg_catalog.concat('c', oid, relkind) FROM pg_catalog.pg_class WHERE oid >= 16384 AND relkind <> 't' AND relpersistence <> 't' UNION ALL
		SELECT NULL, pg_catalog.concat('i', indexrelid, indisvalid, indisready) FROM pg_catalog.pg_index WHERE indexrelid >= 16384 UNION ALL
		SELECT NULL, pg_catalog.concat('h', inhrelid, inhdetachpending) FROM pg_catalog.pg_inherits) t(oid, x)`).Scan(&t.sum, &t.highest)
	if err != nil {
		return t, err
	}
	rows, err := s.conn.Query(ctx, `SELECT i.indexrelid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
		FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE NOT i.indisvalid AND c.relkind = 'i'`)
	if err != nil {
		return t, err
	}
	var oid uint32
	var name string
	_, err = pgx.ForEachRow(rows, []any{&oid, &name}, func() error { t.invalid[oid] = name; return nil })
	return t, err
}

// broken lists the invalid indexes that have come since an earlier trace.
func (t trace) broken(highest uint32) []string {
	var out []string
	for oid, name := range t.invalid {
		if oid > highest {
			out = append(out, name)
		}
	}
	return out
}

// left adds to a failure what the statement has left behind.
func (s *stepping) left(ctx context.Context, before trace, failure error) error {
	if after, err := s.look(ctx); err == nil {
		for _, name := range after.broken(before.highest) {
			failure = fmt.Errorf("%w\n  it leaves the invalid index %s behind: plumb apply drops that before it goes on, or do it yourself: DROP INDEX CONCURRENTLY %s", failure, name, name)
		}
	}
	return failure
}

// uncertain finds out whether the statement that an earlier run has begun came
// to its end, and clears away what it left behind if not.
func (s *stepping) uncertain(ctx context.Context) error {
	sum, number, _ := strings.Cut(s.e.Trace, " ")
	highest, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return fmt.Errorf("cannot read the trace of %s in the log: %w", s.f.Path, err)
	}
	now, err := s.look(ctx)
	if err != nil {
		return err
	}
	broken := now.broken(uint32(highest))
	for _, name := range broken {
		s.cfg.Log(fmt.Sprintf("the invalid index %s, which %s has left behind, is dropped", name, s.f.Path))
		if err := s.exec(ctx, "DROP INDEX CONCURRENTLY "+name); err != nil {
			return fmt.Errorf("cannot drop the invalid index %s: %w", name, err)
		}
	}
	if len(broken) > 0 || now.sum == sum {
		return nil // it is run again
	}
	st := s.f.Statements[s.e.Done]
	s.cfg.Log(fmt.Sprintf("%s:%d was begun by a run that was ended; its traces are there, so it is taken to be done", s.f.Path, st.Line))
	s.done(s.e.Done + 1)
	return s.write(ctx)
}
