package desired

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A seedColumn is a column that needs a value, and the values to try.
type seedColumn struct {
	Name   string
	Number int16
	Type   string // as format_type prints it
	Base   string // the type under a domain
	Class  string // pg_type.typcategory
	Labels []string
	Need   bool // NOT NULL without a default

	tries []string
	next  int
}

const columnsQuery = `
SELECT quote_ident(a.attname), a.attnum, format_type(a.atttypid, a.atttypmod),
       coalesce(nullif(t.typbasetype, 0)::regtype::text, t.oid::regtype::text), t.typcategory::text,
       ARRAY(SELECT enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = coalesce(nullif(t.typbasetype, 0), t.oid) ORDER BY enumsortorder),
       (a.attnotnull OR t.typnotnull) AND NOT a.atthasdef
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY a.attnum`

// insertRow inserts one row. Columns that need no value get none at first;
// where a check refuses the row, its columns try other values.
func insertRow(ctx context.Context, conn *pgx.Conn, oid uint32, table string) error {
	found, err := conn.Query(ctx, columnsQuery, oid)
	if err != nil {
		return err
	}
	columns, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (*seedColumn, error) {
		c := &seedColumn{}
		err := row.Scan(&c.Name, &c.Number, &c.Type, &c.Base, &c.Class, &c.Labels, &c.Need)
		c.tries = candidates(c)
		return c, err
	})
	if err != nil {
		return err
	}
	for range 60 {
		_, err = conn.Exec(ctx, insertion(table, columns))
		var pg *pgconn.PgError
		if err == nil || !errors.As(err, &pg) || pg.Code != "23514" || pg.ConstraintName == "" {
			return err
		}
		moved, cerr := tryOther(ctx, conn, oid, pg.ConstraintName, columns)
		if cerr != nil || !moved {
			return errors.Join(err, cerr)
		}
	}
	return err
}

func insertion(table string, columns []*seedColumn) string {
	var names, values []string
	for _, c := range columns {
		if c.Need {
			names, values = append(names, c.Name), append(values, c.tries[c.next]+"::"+c.Type)
		}
	}
	if names == nil {
		return "INSERT INTO " + table + " DEFAULT VALUES"
	}
	return fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)", table, strings.Join(names, ", "), strings.Join(values, ", "))
}

// candidates are values worth trying for a type.
func candidates(c *seedColumn) []string {
	switch {
	case len(c.Labels) > 0:
		var out []string
		for _, l := range c.Labels {
			out = append(out, literal(l))
		}
		return out
	case c.Base == "uuid":
		return []string{"gen_random_uuid()"}
	case c.Base == "json" || c.Base == "jsonb":
		return []string{"'{}'", "'[]'", "'1'"}
	case c.Base == "bytea":
		return []string{`'\x'`, `decode(repeat('00', 32), 'hex')`}
	}
	switch c.Class {
	case "N":
		return []string{"1", "0", "2", "10", "100", "2020", "-1"}
	case "S":
		return []string{"'x'", "'a@b.example'", "''", "'abc'", "'ABC'", "'https://a.example'", "'00000000000000000000000000000000'"}
	case "B":
		return []string{"true", "false"}
	case "D":
		return []string{"'2020-01-02'", "'2099-12-31'", "'00:00'"}
	case "T":
		return []string{"'1 day'"}
	case "A":
		return []string{"'{}'"}
	case "R":
		return []string{"'empty'", "'(,)'"}
	case "I":
		return []string{"'127.0.0.1'"}
	}
	return []string{"NULL", "'x'", "'0'"}
}

var quotedText = regexp.MustCompile(`'((?:[^']|'')*)'`)

// tryOther gives the columns of a check other values, those that the check
// itself mentions among them, and reports whether any are left.
func tryOther(ctx context.Context, conn *pgx.Conn, oid uint32, constraint string, columns []*seedColumn) (bool, error) {
	var definition string
	var numbers []int16
	err := conn.QueryRow(ctx, `SELECT pg_get_constraintdef(oid), coalesce(conkey, '{}') FROM pg_catalog.pg_constraint
		WHERE conrelid = $1 AND conname = $2`, oid, constraint).Scan(&definition, &numbers)
	if err != nil {
		return false, err
	}
	for _, c := range columns {
		if !slices.Contains(numbers, c.Number) {
			continue
		}
		if !c.Need {
			c.Need, c.next = true, -1
		}
		for _, m := range quotedText.FindAllStringSubmatch(definition, -1) {
			if v := "'" + m[1] + "'"; c.Class == "S" && !slices.Contains(c.tries, v) {
				c.tries = append(c.tries, v)
			}
		}
		if c.next+1 < len(c.tries) {
			c.next++
			return true, nil
		}
		c.next = 0 // and the next column's turn
	}
	return false, nil
}

func literal(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
