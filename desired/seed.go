package desired

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/schema"
)

// rows holds for every table, by its oid, which a rename does not change, how
// many rows it has and which columns, by their numbers.
type rows map[uint32]tableRows

type tableRows struct {
	name    string
	count   int64
	columns map[int16]string // names qualified by the table's
}

// count says how many tables there are and how many of them have rows.
func (r rows) count() (tables, seeded int) {
	for _, t := range r {
		if t.count > 0 {
			seeded++
		}
	}
	return len(r), seeded
}

// lost reports rows and columns that were there before and are gone, though
// nobody said that they would be.
func lost(before, after rows, loses []schema.ID, deleted map[string]int64) error {
	said := func(name string) bool {
		return slices.ContainsFunc(loses, func(id schema.ID) bool { return id.Name == name })
	}
	var gone []string
	for oid, was := range before {
		is, ok := after[oid]
		switch {
		case said(was.name):
		case !ok || is.count+deleted[was.name] < was.count:
			gone = append(gone, fmt.Sprintf("%s had %d rows and has %d", was.name, was.count, is.count))
		default:
			for n, name := range was.columns {
				if _, ok := is.columns[n]; !ok && !said(name) {
					gone = append(gone, fmt.Sprintf("the values of %s are gone", name))
				}
			}
		}
	}
	if gone == nil {
		return nil
	}
	slices.Sort(gone)
	return fmt.Errorf("the migration was run and loses rows without saying so; please report this as a bug of plumb\n  %s", printable(strings.Join(gone, "\n  ")))
}

const tablesQuery = `
SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       array_agg(a.attnum ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL) AS numbers,
       array_agg(quote_ident(a.attname) ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL) AS names
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     AND a.attislocal AND a.attgenerated = '' AND NOT c.relispartition
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND c.oid >= 16384 AND n.nspname <> 'information_schema'
GROUP BY 1, 2 ORDER BY 2`

// countRows counts the rows of every table.
func countRows(ctx context.Context, db *devserver.Database) (rows, error) {
	conn, err := db.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	return countOn(ctx, conn)
}

func countOn(ctx context.Context, conn *pgx.Conn) (rows, error) {
	found, err := conn.Query(ctx, tablesQuery)
	if err != nil {
		return nil, err
	}
	out := rows{}
	var oid uint32
	var name string
	var numbers []int16
	var names []string
	var batch pgx.Batch
	_, err = pgx.ForEachRow(found, []any{&oid, &name, &numbers, &names}, func() error {
		t := tableRows{name: name, columns: map[int16]string{}}
		for i, n := range numbers {
			t.columns[n] = name + "." + names[i]
		}
		id := oid
		out[id] = t
		batch.Queue("SELECT pg_catalog.count(*) FROM ONLY " + name).QueryRow(func(row pgx.Row) error {
			t := out[id]
			err := row.Scan(&t.count)
			out[id] = t
			return err
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, conn.SendBatch(ctx, &batch).Close()
}

// seed puts a row into every empty table that takes one, and counts.
func seed(ctx context.Context, db *devserver.Database) (rows, error) {
	conn, err := db.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	// Neither foreign keys nor triggers are in the way then; on a server where
	// that is not allowed, some tables stay empty.
	_, _ = conn.Exec(ctx, "SET session_replication_role = replica")
	_, _ = conn.Exec(ctx, "SET row_security = off")
	before, err := countOn(ctx, conn)
	if err != nil {
		return nil, err
	}
	for oid, t := range before {
		if t.count > 0 {
			continue
		}
		if err := insertRow(ctx, conn, oid, t.name); err != nil {
			var pg *pgconn.PgError
			if errors.As(err, &pg) {
				continue // the table takes no row that plumb can think of
			}
			return nil, err
		}
		t.count = 1
		before[oid] = t
	}
	return before, nil
}
