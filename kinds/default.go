package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// defaults are column defaults, of tables, foreign tables and views. A
// generated column's expression is an attribute of the column. A default that
// equals the parent's, on a partition or an inheritance child, is inherited; a
// child that has none though its parent does has one without an expression.
var defaults = &schema.Kind{
	Name: "default",
	Query: `
SELECT 'pg_catalog.pg_attrdef'::regclass::oid AS classid, d.oid AS objid, 0 AS objsubid,
       'for ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, a.attnum AS pobjsubid, a.attnum AS ord,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table, quote_ident(a.attname) AS column,
       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS relation,
       pg_get_expr(d.adbin, d.adrelid) AS expression, counter.sequence, counter.high,
       CASE WHEN a.attinhcount > 0 THEN EXISTS (
           SELECT FROM pg_catalog.pg_inherits i
           JOIN pg_catalog.pg_attribute pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname AND NOT pa.attisdropped
           JOIN pg_catalog.pg_attrdef pd ON pd.adrelid = pa.attrelid AND pd.adnum = pa.attnum
           WHERE i.inhrelid = c.oid AND pg_get_expr(pd.adbin, pd.adrelid) = pg_get_expr(d.adbin, d.adrelid)) END AS inherited
FROM pg_catalog.pg_attrdef d
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
JOIN pg_catalog.pg_class c ON c.oid = d.adrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN (
  SELECT u.objid, min(quote_ident(sn.nspname) || '.' || quote_ident(s.relname)) AS sequence, min(q.seqmax) AS high
  FROM pg_catalog.pg_depend u
  JOIN pg_catalog.pg_class s ON s.oid = u.refobjid AND s.relkind = 'S'
  JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
  JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0
  WHERE u.classid = 'pg_catalog.pg_attrdef'::regclass AND u.refclassid = 'pg_catalog.pg_class'::regclass
  GROUP BY u.objid HAVING count(*) = 1) counter
  ON counter.objid = d.oid AND c.relkind IN ('r', 'p') AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
WHERE a.attgenerated = '' AND c.relpersistence <> 't'
UNION ALL
SELECT 'pg_catalog.pg_class'::regclass::oid, c.oid, -30000 - a.attnum,
       'for ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname),
       'pg_catalog.pg_class'::regclass::oid, c.oid, a.attnum, a.attnum,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(a.attname),
       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, NULL, NULL, NULL, false
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE a.attinhcount > 0 AND NOT a.atthasdef AND c.relpersistence <> 't' AND EXISTS (
  SELECT FROM pg_catalog.pg_inherits i
  JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND p.atthasdef AND p.attgenerated = ''
  WHERE i.inhrelid = c.oid)`,
	Depends: `
SELECT CASE WHEN d.oid IS NULL THEN 'pg_catalog.pg_class' ELSE 'pg_catalog.pg_attrdef' END::regclass::oid,
       coalesce(d.oid, a.attrelid), CASE WHEN d.oid IS NULL THEN -30000 - a.attnum ELSE 0 END,
       'pg_catalog.pg_attrdef'::regclass::oid, pd.oid, 0, 'n'
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.inhrelid AND a.attinhcount > 0
JOIN pg_catalog.pg_attribute pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname AND pa.atthasdef
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
JOIN pg_catalog.pg_attrdef pd ON pd.adrelid = pa.attrelid AND pd.adnum = pa.attnum`,
	Follows: true,
	Attrs: []schema.Attr{
		{Name: "table", Fact: true},
		{Name: "column", Fact: true},
		{Name: "relation", Fact: true},
		{Name: "expression", Printed: true, Alter: alterDefault, Blocks: func(_, _ *schema.Object) []string { return []string{"default"} }},
		{Name: "sequence", Fact: true}, // the one that counts the column's values up
		{Name: "high", Fact: true},
		{Name: "inherited", Fact: true},
	},
	Mirror:    mirrorIf(schema.Demanded),
	Apart:     apart,
	Inside:    []string{"column"},
	CanInside: func(o *schema.Object) bool { return !o.Is("inherited") && o.Has("expression") },
	Create: func(b schema.Built) []string {
		if b.Tied {
			return nil
		}
		return setDefault(b.Object)
	},
	Drop: func(o *schema.Object) []string {
		if !o.Has("expression") {
			return nil
		}
		return dropDefault(o)
	},
}

func dropDefault(o *schema.Object) []string {
	return list("ALTER %s %s ALTER COLUMN %s DROP DEFAULT", o.Get("relation"), o.Get("table"), o.Get("column"))
}

// alterDefault changes a default; the parent's change reaches the children,
// those with a default of their own too.
func alterDefault(old, new *schema.Object) []string {
	if old.Is("inherited") && new.Is("inherited") {
		return []string{}
	}
	return setDefault(new)
}

// setDefault gives a column that is there a default. A sequence goes on behind
// the values that the column holds already, which it may never have given out.
func setDefault(o *schema.Object) []string {
	if !o.Has("expression") {
		return dropDefault(o)
	}
	out := list("ALTER %s %s ALTER COLUMN %s SET DEFAULT %s", o.Get("relation"), o.Get("table"), o.Get("column"), o.Get("expression"))
	sequence := o.Get("sequence")
	if sequence == "" {
		return out
	}
	last := "max(" + o.Get("column") + ")"
	return append(out, fmt.Sprintf("SELECT pg_catalog.setval(%s, %s) FROM %s HAVING %s BETWEEN (SELECT last_value FROM %s) AND %s",
		strings.TrimSpace(literal(sequence)), last, o.Get("table"), last, sequence, o.Get("high")))
}
