package dbtest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// Rows holds for every table, by its oid, which a rename does not change, how
// many rows it has and how many values each of its columns.
type Rows map[uint32]table

type table struct {
	id      schema.ID
	columns []string // as SQL, by number
	counts  []int    // rows, then the values of each column
	numbers []int16
	own     []bool // which columns are not the parent's
}

// values says how many values a column has, by its number; ok is false if it
// is not there.
func (t table) values(number int16) (n int, ok bool) {
	i := slices.Index(t.numbers, number)
	if i < 0 {
		return 0, false
	}
	return t.counts[i+1], true
}

const tablesQuery = `
SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       coalesce(array_agg(quote_ident(a.attname) ORDER BY a.attnum) FILTER (WHERE a.attnum > 0), '{}'),
       coalesce(array_agg(a.attnum ORDER BY a.attnum) FILTER (WHERE a.attnum > 0), '{}'),
       coalesce(array_agg(a.attislocal AND NOT c.relispartition AND c.reloftype = 0 ORDER BY a.attnum) FILTER (WHERE a.attnum > 0), '{}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind = 'r' AND c.oid >= 16384 GROUP BY 1, 2`

// countRows counts the rows of every table, and the values that are not null
// of each column that the server does not compute.
func countRows(ctx context.Context, conn *pgx.Conn) (Rows, error) {
	found, err := conn.Query(ctx, tablesQuery)
	if err != nil {
		return nil, err
	}
	out, batch := Rows{}, &pgx.Batch{}
	var oid uint32
	t := table{id: schema.ID{Kind: "table"}}
	_, err = pgx.ForEachRow(found, []any{&oid, &t.id.Name, &t.columns, &t.numbers, &t.own}, func() error {
		key, is := oid, t
		sql := "SELECT ARRAY[count(*)"
		for _, c := range t.columns {
			sql += ", count(" + c + ")"
		}
		batch.Queue(sql + "] FROM ONLY " + t.id.Name).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&is.counts)
			out[key] = is
			return err
		})
		t.columns, t.numbers, t.own = nil, nil, nil
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, conn.SendBatch(ctx, batch).Close()
}

// Lost reports the rows and values that were there before and are gone, though
// the plan does not say that it loses them.
func Lost(before, after Rows, plan *diff.Plan) error {
	var gone []string
	for oid, was := range before {
		is, there := after[oid]
		switch {
		case said(plan, was.id):
		case !there || is.counts[0] < was.counts[0]:
			gone = append(gone, fmt.Sprintf("%s had %d rows", was.id, was.counts[0]))
		default:
			gone = append(gone, lostValues(was, is, plan)...)
		}
	}
	if gone == nil {
		return nil
	}
	slices.Sort(gone)
	return fmt.Errorf("%s", strings.Join(gone, "\n"))
}

// lostValues does so for the columns of a table that is still there.
func lostValues(was, is table, plan *diff.Plan) []string {
	var gone []string
	for i, number := range was.numbers {
		had := was.counts[i+1]
		n, there := is.values(number)
		column := schema.ID{Kind: "column", Name: was.id.Name + "." + was.columns[i]}
		if was.own[i] && (!there || n < had) && !said(plan, column) {
			gone = append(gone, fmt.Sprintf("%s had %d values", column, had))
		}
	}
	return gone
}

// said reports whether the plan says that it loses an object.
func said(plan *diff.Plan, id schema.ID) bool { return slices.Contains(plan.Lost(kinds.All), id) }

// empty takes the rows out of all tables.
func empty(ctx context.Context, d *devserver.Database) error {
	return Load(ctx, d, `DO $$ DECLARE t text; BEGIN
		SET LOCAL session_replication_role = replica;
		FOR t IN SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND oid >= 16384 LOOP
			EXECUTE 'TRUNCATE ' || t || ' CASCADE';
		END LOOP;
	END $$`)
}
