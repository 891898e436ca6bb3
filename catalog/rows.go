package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// A Seed is a table whose rows belong to the schema.
type Seed struct {
	Table  string   // as the server prints it: public.roles
	Key    []string // the columns that tell rows apart; none: the primary key's
	Ignore []string // columns that are not compared
}

// mostRows is how many rows a table of seeds may have. One that has more is
// none, and to read it all would be a burden on a live database.
const mostRows = 10_000

// Rows reads the rows of seeds and adds them to a snapshot of the same database
// as objects of kind "row". Not compared are columns that are generated, and
// those whose default is another one each time, such as now(), unless they are
// of the key. A table that the role may not read, or not all of, is noted as
// not examined.
func Rows(ctx context.Context, conn *pgconn.PgConn, seeds []Seed, snap *schema.Snapshot) (err error) {
	if len(seeds) == 0 {
		return nil
	}
	if err := conn.Exec(ctx, begin+asTables).Close(); err != nil {
		return fmt.Errorf("cannot read the rows of seeds: %w", err)
	}
	defer func() {
		if rerr := conn.Exec(ctx, "ROLLBACK").Close(); err == nil && rerr != nil {
			err = rerr
		}
	}()
	return rowsWithin(ctx, conn, seeds, snap)
}

// rowsWithin does so in the transaction that conn is in.
func rowsWithin(ctx context.Context, conn *pgconn.PgConn, seeds []Seed, snap *schema.Snapshot) error {
	if len(seeds) == 0 {
		return nil
	}
	r := rowReader{conn: conn, snap: snap}
	err := r.find(ctx, seeds)
	if err == nil {
		err = r.read(ctx)
	}
	if err != nil {
		return fmt.Errorf("cannot read the rows of seeds: %w", err)
	}
	return nil
}

// asTables has the server refuse to read a table that has become a view meanwhile.
const asTables = `SELECT set_config(name, 'view, foreign-table', true) FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind'`

// A rowReader reads the rows of several tables.
type rowReader struct {
	conn   *pgconn.PgConn
	snap   *schema.Snapshot
	tables []*seedTable
	refs   []seedRef
}

// A seedTable is a table of seeds as its database has it.
type seedTable struct {
	name       string
	columns    []string // those that are read, quoted
	compared   []bool
	key        []int
	overriding string
	rows       []seedRow
}

type seedRow struct {
	*schema.Object
	values []*string
}

// A seedRef is a foreign key between tables of seeds.
type seedRef struct {
	from, to       string
	columns, there []string
}

const seedColumns = `
SELECT t.name, quote_ident(a.attname), k.indrelid IS NOT NULL AS key,
       a.attidentity <> '' OR d.adbin::text ~ '[{](SQLVALUEFUNCTION|NEXTVALUEEXPR)' OR EXISTS (
           SELECT FROM regexp_matches(d.adbin::text, ':(?:funcid|opfuncid) ([0-9]+)', 'g') f
           JOIN pg_catalog.pg_proc p ON p.oid = f[1]::oid WHERE p.provolatile <> 'i') AS changing,
       a.attidentity = 'a' AS always,
       has_table_privilege(c.oid, 'SELECT') AND NOT row_security_active(c.oid) AS readable
FROM json_array_elements_text($1::json) t(name)
JOIN pg_catalog.pg_class c ON c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND quote_ident(n.nspname) || '.' || quote_ident(c.relname) = t.name
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
LEFT JOIN pg_catalog.pg_index k ON k.indrelid = c.oid AND k.indisprimary AND a.attnum = ANY (k.indkey::int2[])
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
ORDER BY 1, a.attnum`

const seedRefs = `
SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, json_agg(quote_ident(a.attname) ORDER BY k.i), json_agg(quote_ident(f.attname) ORDER BY k.i)
FROM pg_catalog.pg_constraint c
CROSS JOIN unnest(c.conkey, c.confkey) WITH ORDINALITY k(here, there, i)
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.here
JOIN pg_catalog.pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.there
WHERE c.contype = 'f' AND c.conparentid = 0
  AND c.conrelid::regclass::text IN (SELECT json_array_elements_text($1::json)) AND c.confrelid::regclass::text IN (SELECT json_array_elements_text($1::json))
GROUP BY c.oid ORDER BY c.oid`

// ask runs a query about the tables of seeds.
func (r *rowReader) ask(ctx context.Context, query string, seeds []Seed) ([][][]byte, error) {
	var names []string
	for _, s := range seeds {
		names = append(names, s.Table)
	}
	param, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	res := r.conn.ExecParams(ctx, query, [][]byte{param}, nil, nil, nil).Read()
	return res.Rows, res.Err
}

// find finds the tables, what to read of them, and how they refer to each other.
func (r *rowReader) find(ctx context.Context, seeds []Seed) error {
	rows, err := r.ask(ctx, seedColumns, seeds)
	if err != nil {
		return err
	}
	for _, s := range seeds {
		of := slices.DeleteFunc(slices.Clone(rows), func(row [][]byte) bool { return string(row[0]) != s.Table })
		if len(of) > 0 && string(of[0][5]) != "t" {
			r.snap.NotExamined = append(r.snap.NotExamined, "rows of table "+s.Table+", which this role may not read")
			continue
		}
		r.snap.Seeds = append(r.snap.Seeds, s.Table)
		if len(of) == 0 {
			continue // that there is no such table is seen by itself
		}
		t, err := newSeedTable(s, of)
		if err != nil {
			return err
		}
		r.tables = append(r.tables, t)
	}
	if rows, err = r.ask(ctx, seedRefs, seeds); err != nil {
		return err
	}
	for _, row := range rows {
		ref := seedRef{from: string(row[0]), to: string(row[1])}
		_ = json.Unmarshal(row[2], &ref.columns) // the server's own JSON
		_ = json.Unmarshal(row[3], &ref.there)
		r.refs = append(r.refs, ref)
	}
	return nil
}

func newSeedTable(s Seed, columns [][][]byte) (*seedTable, error) {
	t := &seedTable{name: s.Table}
	for i, row := range columns {
		name, isKey := string(row[1]), string(row[2]) == "t"
		if s.Key != nil {
			isKey = slices.Contains(s.Key, name)
		}
		if isKey {
			t.key = append(t.key, i)
		}
		if string(row[4]) == "t" {
			t.overriding = "OVERRIDING SYSTEM VALUE "
		}
		t.columns = append(t.columns, name)
		t.compared = append(t.compared, isKey || string(row[3]) != "t" && !slices.Contains(s.Ignore, name))
	}
	for _, name := range slices.Concat(s.Key, s.Ignore) {
		if !slices.Contains(t.columns, name) {
			return nil, fmt.Errorf("%s has no column %s; correct the seed block of that table", s.Table, name)
		}
	}
	if len(t.key) == 0 {
		return nil, fmt.Errorf("%s has no primary key; name the columns that tell its rows apart: seed %q { key = [\"…\"] }", s.Table, s.Table)
	}
	return t, nil
}

// read reads the rows of all tables in one round trip.
func (r *rowReader) read(ctx context.Context) error {
	var queries []string
	for _, t := range r.tables {
		queries = append(queries, t.query())
	}
	results, err := run(ctx, r.conn, queries)
	if err != nil {
		return err
	}
	for i, t := range r.tables {
		if len(results[i].rows) > mostRows {
			return fmt.Errorf("%s has more than %d rows, so they are no seeds; remove its seed block", t.name, mostRows)
		}
		for _, row := range results[i].rows {
			if err := r.add(t, row); err != nil {
				return err
			}
		}
	}
	for _, ref := range r.refs {
		r.refer(ref)
	}
	return nil
}

func (t *seedTable) query() string {
	var out []string
	for _, c := range t.columns {
		out = append(out, "t."+c+"::pg_catalog.text")
	}
	return fmt.Sprintf("SELECT %s FROM %s t LIMIT %d", strings.Join(out, ", "), t.name, mostRows+1)
}

// add makes an object of a row.
func (r *rowReader) add(t *seedTable, row [][]byte) error {
	table := schema.ID{Kind: "table", Name: t.name}
	out := seedRow{Object: &schema.Object{Parent: table, With: []schema.ID{table}}}
	var lines, key, names, values []string
	for i, c := range t.columns {
		var v *string
		if row[i] != nil {
			text := string(row[i])
			v = &text
		}
		out.values = append(out.values, v)
		if slices.Contains(t.key, i) {
			key = append(key, kinds.RowLine(c, v))
			names, values = append(names, c), append(values, string(row[i]))
		}
		if t.compared[i] {
			lines = append(lines, kinds.RowLine(c, v))
			out.Needs = append(out.Needs, schema.ID{Kind: "column", Name: t.name + "." + c})
		}
	}
	out.ID = schema.ID{Kind: "row", Name: fmt.Sprintf("(%s)=(%s) of %s", strings.Join(names, ", "), strings.Join(values, ", "), t.name)}
	out.Attrs = schema.Attrs{Names: []string{"key", "values", "overriding"}, Values: []string{strings.Join(key, "\n"), strings.Join(lines, "\n"), t.overriding}}
	if r.snap.Objects[out.ID] != nil {
		return fmt.Errorf("two rows of %s are both %s; name more columns in the key of its seed block", t.name, out.ID.Name)
	}
	r.snap.Objects[out.ID] = out.Object
	t.rows = append(t.rows, out)
	return nil
}

// refer has each row need the row that it refers to.
func (r *rowReader) refer(ref seedRef) {
	from, to := r.table(ref.from), r.table(ref.to)
	if from == nil || to == nil {
		return
	}
	rows := map[string]seedRow{}
	for _, row := range to.rows {
		rows[to.values(row, ref.there)] = row
	}
	for _, row := range from.rows {
		there, ok := rows[from.values(row, ref.columns)]
		if ok && there.ID != row.ID && !slices.Contains(row.Needs, there.ID) {
			row.Needs = append(row.Needs, there.ID)
		}
	}
}

func (r *rowReader) table(name string) *seedTable {
	i := slices.IndexFunc(r.tables, func(t *seedTable) bool { return t.name == name })
	if i < 0 {
		return nil
	}
	return r.tables[i]
}

// values is what a row has in some columns, as a key. A column that is not read
// has no value.
func (t *seedTable) values(row seedRow, columns []string) string {
	var out []string
	for _, c := range columns {
		var v *string
		if i := slices.Index(t.columns, c); i >= 0 {
			v = row.values[i]
		}
		out = append(out, kinds.RowLine("", v))
	}
	return strings.Join(out, "\n")
}
