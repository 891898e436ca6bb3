package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// identities are GENERATED … AS IDENTITY clauses with the sequence behind
// them, whose address in pg_depend is theirs: what is granted or said on that
// sequence hangs on the identity. A partition has its parent's.
var identities = &schema.Kind{
	Name:    "identity",
	Implies: impliedPrivileges("SEQUENCES", func(o *schema.Object) string { return "SEQUENCE " + o.Get("sequence") }),
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       'for ' || quote_ident(tn.nspname) || '.' || quote_ident(t.relname) || '.' || quote_ident(a.attname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, t.oid AS pobjid, a.attnum::int AS pobjsubid, a.attnum AS ord,
       quote_ident(tn.nspname) || '.' || quote_ident(t.relname) AS table, quote_ident(a.attname) AS column,
       CASE t.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS relation,
       a.attislocal AND NOT t.relispartition AND t.reloftype = 0 AS in_column,
       CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END AS generation,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence, quote_ident(c.relname) AS relname,
       n.oid = tn.oid AND c.relname = t.relname || '_' || a.attname || '_seq' AS usual_name,
       CASE WHEN c.relpersistence <> t.relpersistence THEN CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END END AS persistence, -- 15+
       CASE t.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END AS table_persistence, -- 15+
       CASE WHEN s.seqtypid <> a.atttypid THEN format_type(s.seqtypid, NULL) END AS type,
       format_type(a.atttypid, NULL) AS column_type,` + sequenceColumns + `
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
     AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'i'
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE c.relpersistence <> 't'`,
	Attrs: append([]schema.Attr{
		{Name: "table", Fact: true},
		{Name: "column", Fact: true},
		{Name: "relation", Fact: true},
		{Name: "in_column", Fact: true},
		{Name: "relname", Fact: true},
		{Name: "usual_name", Fact: true},
		{Name: "table_persistence", Fact: true},
		{Name: "column_type", Fact: true},
		{Name: "sequence", Alter: func(old, new *schema.Object) []string {
			return list("ALTER SEQUENCE %s RENAME TO %s", old.Get("sequence"), new.Get("relname"))
		}},
		{Name: "generation", Alter: func(_, new *schema.Object) []string {
			return alterIdentity(new, "SET GENERATED "+new.Get("generation"))
		}},
		{Name: "persistence", Alter: func(_, new *schema.Object) []string {
			return list("ALTER SEQUENCE %s SET %s", new.Get("sequence"), or(new.Get("persistence"), new.Get("table_persistence")))
		}},
		{Name: "type", Alter: alterIdentitySequence},
	}, sequenceAttrs(alterIdentitySequence)...),
	// A column must be NOT NULL before it can be an identity column.
	Depends: `
SELECT d.classid, d.objid, 0, k.tableoid, k.oid, 0, 'n' -- 18+
SELECT d.classid, d.objid, 0, d.refclassid, d.refobjid, -d.refobjsubid, 'n' -- <18
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
JOIN pg_catalog.pg_constraint k ON k.contype = 'n' AND k.conrelid = d.refobjid AND k.conkey[1] = d.refobjsubid -- 18+
WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype = 'i'`,
	Inside:    []string{"column"},
	CanInside: func(o *schema.Object) bool { return o.Is("in_column") && !o.Has("persistence") && !o.Has("type") },
	Create:    createIdentity,
	Counts:    true,
	Adopt:     adoptSequence,
	Drop:      func(o *schema.Object) []string { return alterIdentity(o, "DROP IDENTITY") },
	Ref:       func(o *schema.Object) string { return "SEQUENCE " + o.Get("sequence") },
	Names:     func(o *schema.Object) []string { return []string{"relation " + o.Get("sequence")} },
}

// identityText writes the clause in a column's definition.
func identityText(o *schema.Object) string {
	var options []string
	if !o.Is("usual_name") {
		options = append(options, "SEQUENCE NAME "+o.Get("sequence"))
	}
	options = append(options, sequenceOptions(o)...)
	text := "GENERATED " + o.Get("generation") + " AS IDENTITY"
	if len(options) > 0 {
		text += " (" + strings.Join(options, " ") + ")"
	}
	return text
}

// createIdentity makes a column that is there an identity column, which
// counts on behind the rows that it finds.
func createIdentity(b schema.Built) []string {
	last, from, to := "max", b.Get("start"), b.Get("high")
	if descends(b.Object) {
		last, from, to = "min", b.Get("low"), b.Get("start")
	}
	last += "(" + b.Get("column") + ")"
	return append(addIdentity(b.Object), fmt.Sprintf("SELECT pg_catalog.setval(%s, %s) FROM %s HAVING %s BETWEEN %s AND %s",
		strings.TrimSpace(literal(b.Get("sequence"))), last, b.Get("table"), last, from, to))
}

func addIdentity(o *schema.Object) []string {
	out := alterIdentity(o, "ADD "+identityText(o))
	if t := o.Get("type"); t != "" {
		out = append(out, fmt.Sprintf("ALTER SEQUENCE %s AS %s", o.Get("sequence"), t))
	}
	if p := o.Get("persistence"); p != "" {
		out = append(out, fmt.Sprintf("ALTER SEQUENCE %s SET %s", o.Get("sequence"), p))
	}
	return out
}

// adoptSequence makes a serial column an identity column that goes on where the
// sequence of its name is.
func adoptSequence(old, new *schema.Object) []string {
	aside := sequenceAside(old.Get("relname"))
	if old.ID.Kind != "sequence" || old.ID.Name != new.Get("sequence") || aside == "" {
		return nil
	}
	full := old.Get("schema") + "." + aside
	out := append(list("ALTER SEQUENCE %s RENAME TO %s", old.ID.Name, aside), addIdentity(new)...)
	return append(out, carryPosition(full, new.Get("sequence"), new), "DROP SEQUENCE "+full)
}

func alterIdentity(o *schema.Object, what string) []string {
	return list("ALTER %s %s ALTER COLUMN %s %s", o.Get("relation"), o.Get("table"), o.Get("column"), what)
}

func alterIdentitySequence(old, new *schema.Object) []string {
	return alterSequenceNamed(new.Get("sequence"), new.Get("column_type"), old, new)
}
