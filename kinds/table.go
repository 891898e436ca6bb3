package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// tables are ordinary and partitioned tables; partitions, inheritance children
// and typed tables among them.
var tables = &schema.Kind{
	Name:    "table",
	Noun:    "TABLE",
	Implies: impliedPrivileges("TABLES", grantOn("TABLE")),
	Loses:   func(*schema.Object) bool { return true },
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(c.relname) AS relname,
       CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' END AS persistence,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.relkind = 'p' THEN (SELECT string_agg(format_type(f.atttypid, f.atttypmod) || ' ' || f.attcollation::regcollation, ', ' ORDER BY format_type(f.atttypid, f.atttypmod), f.attcollation::regcollation::text)
           FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute f ON f.attrelid = d.objid AND f.attnum = d.objsubid
           WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid > 0 AND d.refclassid = d.classid AND d.refobjid = c.oid AND d.refobjsubid = 0 AND d.deptype = 'i') END AS partition_types,
       CASE WHEN c.relkind = 'r' AND a.amname <> 'heap' OR c.relkind = 'p' THEN quote_ident(a.amname) END AS access_method,
       true AS keeps_access_method, -- <15
       c.relispartition AND a.amname = 'heap' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i
           JOIN pg_catalog.pg_class p ON p.oid = i.inhparent WHERE i.inhrelid = c.oid AND p.relam NOT IN (0, c.relam)) AS stays_heap,
       quote_ident(t.spcname) AS tablespace,
       CASE WHEN c.relispartition AND c.reltablespace = 0 THEN EXISTS (SELECT FROM pg_catalog.pg_inherits i
           JOIN pg_catalog.pg_class p ON p.oid = i.inhparent WHERE i.inhrelid = c.oid AND p.reltablespace <> 0) END AS stays_behind,
       (SELECT string_agg(o, E'\n' ORDER BY o) FROM unnest(c.reloptions) o) AS options,
       c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'`,
	// The type of a column in the partition key cannot change, so the table
	// itself needs it.
	Depends: `
SELECT 'pg_catalog.pg_class'::regclass::oid, a.attrelid, 0, 'pg_catalog.pg_type'::regclass::oid, a.atttypid, 0, 'n'
FROM pg_catalog.pg_partitioned_table p
JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs::int2[])`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "relname", Fact: true},
		{Name: "persistence", Alter: alterPersistence, Blocks: func(_, _ *schema.Object) []string { return []string{"foreign_key"} }},
		{Name: "partition_key", Printed: true, Follows: true},
		{Name: "partition_types", Follows: true}, // of the columns in the key, which cannot change
		{Name: "access_method", Alter: alterAccessMethod},
		{Name: "keeps_access_method", Fact: true}, // no statement gives it another
		{Name: "stays_heap", Fact: true},          // a partition has not the access method that its parent gives to new ones
		{Name: "tablespace", Alter: func(_, new *schema.Object) []string {
			return list("ALTER TABLE %s SET TABLESPACE %s", new.ID.Name, or(new.Get("tablespace"), "pg_default"))
		}},
		{Name: "stays_behind", Fact: true}, // a partition is not in the tablespace that its parent gives to new ones
		{Name: "options", Alter: alterOptions("ALTER TABLE", "options")},
		{Name: "row_security", Alter: alterRowSecurity},
		{Name: "force_row_security", Alter: alterForceRowSecurity},
	},
	Create: createTable,
	Names:  rowName,
	Rename: rename("TABLE", "relname"),
	Widens: func(old, new *schema.Object) bool {
		lost := func(attr string) bool { return old.Is(attr) && !new.Is(attr) }
		return old != nil && new != nil && (lost("row_security") || lost("force_row_security"))
	},
}

// or is the first of two texts that is not empty.
func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func createTable(b schema.Built) []string {
	name := b.ID.Name
	out := []string{tableStatement(b)}
	if b.Is("row_security") {
		out = append(out, fmt.Sprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", name))
	}
	if b.Is("force_row_security") {
		out = append(out, fmt.Sprintf("ALTER TABLE %s FORCE ROW LEVEL SECURITY", name))
	}
	for _, p := range b.Parts {
		if p.ID.Kind == "column" {
			out = append(out, afterColumn(p.Object)...)
		}
	}
	return out
}

// tableStatement writes CREATE TABLE with everything inside it.
func tableStatement(b schema.Built) string {
	var s strings.Builder
	s.WriteString("CREATE ")
	if p := b.Get("persistence"); p != "" {
		s.WriteString(p + " ")
	}
	s.WriteString("TABLE " + b.ID.Name)
	body := tableBody(b)
	switch {
	case b.Part("typing") != nil:
		s.WriteString(" OF " + b.Part("typing").Get("type") + parenthesized(body))
	case b.Part("partition") != nil:
		p := b.Part("partition")
		s.WriteString(" PARTITION OF " + p.Get("of") + parenthesized(body) + "\n" + p.Get("bound"))
	case len(body) == 0:
		s.WriteString(" ()")
	default:
		s.WriteString(parenthesized(body))
	}
	if in := parents(b); len(in) > 0 {
		s.WriteString("\nINHERITS (" + strings.Join(in, ", ") + ")")
	}
	s.WriteString(tableTail(b))
	return s.String()
}

// tableTail writes what follows the columns: partitioning, access method,
// options, tablespace.
func tableTail(o schema.Built) string {
	var s strings.Builder
	if key := o.Get("partition_key"); key != "" {
		s.WriteString("\nPARTITION BY " + key)
	}
	switch am := o.Get("access_method"); {
	case am != "":
		s.WriteString("\nUSING " + am)
	case o.Is("stays_heap"):
		s.WriteString("\nUSING heap")
	}
	opts := o.Get("options")
	if t := o.Part(toastOptions.Name); t != nil {
		opts = strings.TrimPrefix(opts+"\n"+t.Get("options"), "\n")
	}
	if opts != "" {
		s.WriteString("\nWITH (" + options(opts) + ")")
	}
	switch ts := o.Get("tablespace"); {
	case ts != "":
		s.WriteString("\nTABLESPACE " + ts)
	case o.Is("stays_behind"):
		s.WriteString("\nTABLESPACE pg_default")
	}
	return s.String()
}

// tableBody writes the columns, aligned, then the constraints. A partition and
// a typed table name a column only to say more about it; those that a child has
// from its parents are not named at all.
func tableBody(b schema.Built) []string {
	out := columnLines(b)
	written := map[string]bool{}
	for _, p := range b.Parts {
		written[p.Get("column")] = p.ID.Kind == "column" && !mirrored(p)
	}
	for _, p := range b.Parts {
		switch {
		case p.ID.Kind == notNulls.Name:
			out = append(out, notNullOfTable(p.Object))
		case p.ID.Kind == "constraint" && (columnConstraint(p.Object) == "" || !written[p.Get("sole_column")]):
			out = append(out, "CONSTRAINT "+p.Get("constraint")+" "+constraintText(p.Object))
		}
	}
	return out
}

func columnLines(b schema.Built) []string {
	nameWidth, typeWidth := 0, 0
	for _, p := range b.Parts {
		if p.ID.Kind == "column" && !mirrored(p) {
			nameWidth = max(nameWidth, len(p.Get("column")))
			typeWidth = max(typeWidth, min(len(p.Get("type")), 24))
		}
	}
	var out []string
	for _, p := range b.Parts {
		if p.ID.Kind != "column" {
			continue
		}
		rest := columnRest(p, b)
		switch {
		case !mirrored(p):
			line := fmt.Sprintf("%-*s %-*s %s", nameWidth, p.Get("column"), typeWidth, p.Get("type"), rest)
			out = append(out, strings.TrimRight(line, " "))
		case rest != "":
			out = append(out, p.Get("column")+" WITH OPTIONS "+rest)
		}
	}
	return out
}

// mirrored reports whether a column of a new table comes by itself.
func mirrored(column schema.Built) bool { return column.Has("mirror") && column.Tied }

// parenthesized writes one line per entry between parentheses, or nothing.
func parenthesized(body []string) string {
	if len(body) == 0 {
		return ""
	}
	return " (\n    " + strings.Join(body, ",\n    ") + "\n)"
}

// alterPersistence rewrites a table, which cannot be while it is a catalog table
// to the server: that is reset before.
func alterPersistence(old, new *schema.Object) []string {
	var out []string
	if _, reset := optionChanges(old.Get("options"), new.Get("options")); strings.Contains(reset, "user_catalog_table") {
		out = list("ALTER TABLE %s RESET (%s)", new.ID.Name, reset)
	}
	return append(out, fmt.Sprintf("ALTER TABLE %s SET %s", new.ID.Name, or(new.Get("persistence"), "LOGGED")))
}

func alterAccessMethod(old, new *schema.Object) []string {
	if old.Is("keeps_access_method") {
		return nil
	}
	if new.Has("partition_key") || old.Has("partition_key") {
		return list("ALTER TABLE %s SET ACCESS METHOD %s", new.ID.Name, or(new.Get("access_method"), "DEFAULT"))
	}
	return list("ALTER TABLE %s SET ACCESS METHOD %s", new.ID.Name, or(new.Get("access_method"), "heap"))
}

func alterRowSecurity(_, new *schema.Object) []string {
	if new.Is("row_security") {
		return list("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", new.ID.Name)
	}
	return list("ALTER TABLE %s DISABLE ROW LEVEL SECURITY", new.ID.Name)
}

func alterForceRowSecurity(_, new *schema.Object) []string {
	if new.Is("force_row_security") {
		return list("ALTER TABLE %s FORCE ROW LEVEL SECURITY", new.ID.Name)
	}
	return list("ALTER TABLE %s NO FORCE ROW LEVEL SECURITY", new.ID.Name)
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
