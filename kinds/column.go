package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// columns are those of tables and foreign tables. An inherited column, a
// partition's among them, follows its parent's. Whether a child also declares
// it itself (attislocal) cannot be changed and is not compared.
var columns = &schema.Kind{
	Name: "column",
	Noun: "COLUMN",
	Loses: func(o *schema.Object) bool {
		return o.Get("relation") == "TABLE" && !o.Has("generated")
	},
	Query: `
WITH c AS MATERIALIZED (
  SELECT c.oid, c.relkind, c.relispartition, c.relhassubclass, c.reloftype, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'),
added AS MATERIALIZED (
  SELECT d.type, string_agg(d.line, E'\n' ORDER BY d.line) AS casts
  FROM pg_catalog.pg_cast k
  CROSS JOIN LATERAL (VALUES
    (k.castsource, CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_cast'::regclass AND e.objid = k.oid AND e.deptype = 'e') THEN '' ELSE 'own ' END ||
                   CASE k.castcontext WHEN 'e' THEN 'cast to ' ELSE 'assigned to ' END || format_type(k.casttarget, NULL)),
    (k.casttarget, 'from ' || format_type(k.castsource, NULL))) AS d (type, line)
  WHERE k.oid >= 16384 GROUP BY d.type)
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, a.attnum AS objsubid,
       c.name || '.' || quote_ident(a.attname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, a.attnum AS ord,
       quote_ident(a.attname) AS column,
       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS relation,
       c.reloftype <> 0 OR a.attinhcount > 0 AS inherited,
       c.relhassubclass AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid) AS inherits_on,
       CASE WHEN c.relispartition THEN 'partition' WHEN c.reloftype <> 0 THEN 'typed' WHEN NOT a.attislocal THEN 'child' END AS mirror,
       CASE WHEN a.attinhcount > 0 THEN EXISTS (
           SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname
           WHERE i.inhrelid = c.oid AND p.attstorage <> a.attstorage AND a.attstorage = t.typstorage) END AS restored,
       CASE WHEN a.attinhcount > 0 THEN EXISTS (
           SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname
           WHERE i.inhrelid = c.oid AND p.attcompression <> '' AND a.attcompression = '') END AS uncompressed,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.atttypmod <> -1 THEN format_type(a.atttypid, NULL) END AS base,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, NULL) END AS over,
       added.casts, a.atthasdef OR a.attidentity <> '' OR t.typtype = 'd' AS filled,
       CASE WHEN t.typtype = 'c' OR t.typtype = 'd' AND (SELECT b.typtype FROM pg_catalog.pg_type b WHERE b.oid = t.typbasetype) = 'c' THEN 'one'
            WHEN t.typcategory = 'A' AND (SELECT e.typtype FROM pg_catalog.pg_type e WHERE e.oid = t.typelem) = 'c' THEN 'many' END AS composite,
       CASE WHEN a.attcollation <> t.typcollation
            THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_catalog.pg_collation co
                  JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END AS collation,
       CASE WHEN a.attgenerated <> '' THEN
            (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum) END AS generated,
       CASE WHEN a.attgenerated <> '' AND a.attinhcount > 0 THEN EXISTS (
           SELECT FROM pg_catalog.pg_inherits i
           JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname
           LEFT JOIN pg_catalog.pg_attrdef pd ON pd.adrelid = p.attrelid AND pd.adnum = p.attnum AND p.attgenerated <> ''
           JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE i.inhrelid = c.oid AND pg_get_expr(pd.adbin, pd.adrelid) IS DISTINCT FROM pg_get_expr(d.adbin, d.adrelid)) END AS own_expression,
       CASE WHEN a.attgenerated <> '' AND c.relispartition THEN 'DEFAULT' END AS own_words, -- <16
       NULL AS own_words, -- 16+
       CASE WHEN a.attgenerated <> '' THEN true END AS settable, -- 17+
       NULL AS settable, -- <17
       CASE WHEN a.attgenerated <> '' THEN
            (SELECT string_agg(quote_ident(g.tgname) || ' on ' || c.name, E'\n' ORDER BY g.tgname) FROM pg_catalog.pg_trigger g
             WHERE g.tgrelid = c.oid AND g.tgparentid = 0 AND g.tgtype & 2 <> 0 AND g.tgqual::text LIKE '%:varno 2 :varattno 0 %') END AS whole_row_of,
       CASE a.attgenerated WHEN 's' THEN 'STORED' WHEN 'v' THEN 'VIRTUAL' END AS generated_kind,
       CASE WHEN a.attstorage <> t.typstorage THEN
            CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' WHEN 'x' THEN 'EXTENDED' END END AS storage,
       CASE t.typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' WHEN 'x' THEN 'EXTENDED' END AS type_storage,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END AS statistics,
       CASE WHEN a.attoptions IS NOT NULL THEN (SELECT string_agg(o, E'\n' ORDER BY o) FROM unnest(a.attoptions) o) END AS options,
       CASE WHEN a.attfdwoptions IS NOT NULL THEN (SELECT string_agg(quote_ident(split_part(o, '=', 1)) || '=' || substr(o, strpos(o, '=') + 1), E'\n' ORDER BY o) FROM unnest(a.attfdwoptions) o) END AS fdw_options
FROM pg_catalog.pg_attribute a
JOIN c ON c.oid = a.attrelid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN added ON added.type = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
WHERE a.attnum > 0 AND NOT a.attisdropped`,
	Follows: true,
	Attrs: []schema.Attr{
		{Name: "column", Fact: true},
		{Name: "relation", Fact: true},
		{Name: "inherited", Fact: true},
		{Name: "inherits_on", Fact: true},  // its table has children
		{Name: "restored", Fact: true},     // it is stored as its type is though the parent's is not
		{Name: "uncompressed", Fact: true}, // it is compressed by default though the parent's is not
		{Name: "mirror", Fact: true},
		{Name: "type", Alter: alterColumnType, Blocks: blocksColumnType, Rebuilds: notInherited, Unties: convertsForeign},
		{Name: "base", Fact: true},
		{Name: "over", Fact: true},      // the type under its domain
		{Name: "casts", Fact: true},     // that its type has beyond those built in
		{Name: "filled", Fact: true},    // when it is new, the server computes it for each row
		{Name: "composite", Fact: true}, // it holds one row of a type, or an array of many
		{Name: "collation", Alter: alterColumnType, Blocks: blocksColumnType, Rebuilds: notInherited},
		{Name: "generated", Printed: true, Alter: alterGenerated, Rebuilds: notInherited},
		{Name: "own_expression", Fact: true}, // it is generated otherwise than the parent's
		{Name: "own_words", Fact: true},      // how a new partition says so, where it cannot say GENERATED
		{Name: "settable", Fact: true},       // its expression can be changed
		{Name: "whole_row_of", Fact: true},   // the triggers that the server makes only before it
		{Name: "generated_kind", Alter: alterGeneratedKind},
		{Name: "storage", Alter: alterStorage},
		{Name: "type_storage", Fact: true},
		{Name: "compression", Alter: alterCompression},
		{Name: "statistics", Alter: alterStatistics},
		{Name: "options", Alter: alterColumnOptions},
		{Name: "fdw_options", Alter: func(old, new *schema.Object) []string {
			return alterColumn(new, fdwOptions(old.Get("fdw_options"), new.Get("fdw_options")))
		}},
	},
	// An inherited column follows its parent's; what reads a function that returns
	// rows of a table has all its columns in its text.
	Depends: `
SELECT 'pg_catalog.pg_class'::regclass::oid, a.attrelid, a.attnum, 'pg_catalog.pg_class'::regclass::oid, p.attrelid, p.attnum, 'n'
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.inhrelid AND a.attnum > 0 AND a.attinhcount > 0
JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND NOT p.attisdropped
UNION ALL
SELECT d.classid, d.objid, d.objsubid, 'pg_catalog.pg_class'::regclass::oid, a.attrelid, a.attnum, 'n'
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_type t ON t.oid = p.prorettype AND t.typtype = 'c'
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.refobjid = p.oid AND d.deptype = 'n'
WHERE d.classid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_rewrite'::regclass)`,
	Mirror: mirrorIf(schema.Demanded),
	Apart:  apart,
	Inside: []string{"table", "foreign table"},
	Stays:  declaredToo,
	Leads:  declaredToo,
	Untied: func(old, new *schema.Object) bool {
		return !new.Is("settable") && (new.Is("own_expression") || old != nil && old.Is("own_expression"))
	},
	Joins:     func(part, _ *schema.Object) bool { return !part.Is("own_expression") || !part.Has("own_words") },
	CanInside: func(o *schema.Object) bool { return o.Get("mirror") != "child" },
	Create: func(b schema.Built) []string {
		var out []string
		if b.Is("inherited") && b.Tied {
			out = partsOfInherited(b)
		} else {
			text := b.Get("column") + " " + b.Get("type")
			if rest := columnRest(b, b); rest != "" {
				text += " " + rest
			}
			out = list("ALTER %s %s ADD COLUMN %s", b.Get("relation"), b.Parent.Name, text)
		}
		return append(out, afterColumn(b.Object)...)
	},
	Drop: func(o *schema.Object) []string {
		return list("ALTER %s %s DROP COLUMN %s", o.Get("relation"), o.Parent.Name, o.Get("column"))
	},
	Rename: func(old, new *schema.Object) []string {
		if old.Is("inherited") && new.Is("inherited") {
			return []string{} // the parent's renaming does it
		}
		return list("ALTER %s %s RENAME COLUMN %s TO %s", new.Get("relation"), new.Parent.Name, old.Get("column"), new.Get("column"))
	},
	Resembles: func(old, new *schema.Object) bool {
		return base(old) == base(new) && old.Get("generated_kind") == new.Get("generated_kind")
	},
	// A BEFORE trigger's WHEN may have the new row as a whole only while none of its
	// columns is generated (CREATE TRIGGER in trigger.c).
	After: func(o *schema.Object) []schema.ID {
		var out []schema.ID
		for _, name := range lines(o.Get("whole_row_of")) {
			out = append(out, schema.ID{Kind: triggers.Name, Name: name})
		}
		return out
	},
	Together: changesType,
	Park:     parkRows,
	Rewrites: func(old, new *schema.Object) bool {
		if old == nil {
			return new.Is("filled")
		}
		return columnType(old) != columnType(new)
	},
	Rebind:       rebindColumn,
	Guard:        guardColumn,
	RebindBlocks: []string{"view", "materialized view", "rule", "policy", "trigger", "function", "procedure", "column", "default", "constraint", "publication relation"},
}

// changesType finds the changes of types: those of one table are made at once,
// since it is rewritten for each statement, and since between two of them an
// index or a check of both columns would be compared, or printed, otherwise.
func changesType(o *schema.Object, sql string) string {
	table := "ALTER " + o.Get("relation") + " " + o.Parent.Name + " "
	if !strings.HasPrefix(sql, table+"ALTER COLUMN "+o.Get("column")+" TYPE ") {
		return ""
	}
	return table
}

// declaredToo reports whether a child declares a column that it inherits.
func declaredToo(o *schema.Object) bool { return o.Is("inherited") && !o.Has("mirror") }

// mirrorIf makes a Mirror of a kind whose inherited objects are mirrors.
func mirrorIf(m schema.Mirror) func(*schema.Object) schema.Mirror {
	return func(o *schema.Object) schema.Mirror {
		if o.Is("inherited") {
			return m
		}
		return schema.Own
	}
}

// alterColumn writes ALTER TABLE … ALTER COLUMN ….
func alterColumn(o *schema.Object, what string) []string {
	return []string{strings.TrimRight(fmt.Sprintf("ALTER %s %s ALTER COLUMN %s %s", o.Get("relation"), o.Parent.Name, o.Get("column"), what), " ")}
}

// alterOnly writes what ALTER COLUMN would pass to children, which have their own.
func alterOnly(old, new *schema.Object, what string) []string {
	only := ""
	if old.Is("inherits_on") || new.Is("inherits_on") {
		only = "ONLY "
	}
	return list("ALTER %s %s%s ALTER COLUMN %s %s", new.Get("relation"), only, new.Parent.Name, new.Get("column"), what)
}

func alterStorage(old, new *schema.Object) []string {
	return alterOnly(old, new, "SET STORAGE "+or(new.Get("storage"), new.Get("type_storage")))
}

func alterCompression(old, new *schema.Object) []string {
	return alterOnly(old, new, "SET COMPRESSION "+or(new.Get("compression"), "default"))
}

func alterStatistics(old, new *schema.Object) []string {
	return alterOnly(old, new, "SET STATISTICS "+or(new.Get("statistics"), "-1"))
}

func alterColumnOptions(old, new *schema.Object) []string {
	return setOptions(alterColumn(new, "")[0], old.Get("options"), new.Get("options"))
}

// columnType is the type with its collation.
func columnType(o *schema.Object) string {
	if c := o.Get("collation"); c != "" {
		return o.Get("type") + " COLLATE " + c
	}
	return o.Get("type")
}

// columnRest writes what follows the type in a column's definition: the
// options of a foreign column, which stand before all else, the collation, the
// default, generation, identity, NOT NULL, and in a new table (host) the
// constraints of this column alone.
func columnRest(b, host schema.Built) string {
	var out []string
	if o := b.Get("fdw_options"); o != "" && !mirrored(b) {
		out = append(out, fdwOptions("", o))
	}
	if c := b.Get("collation"); c != "" && !mirrored(b) {
		out = append(out, "COLLATE "+c)
	}
	switch g := b.Get("generated"); {
	case g == "" || passedOn(b, host):
	case mirrored(b) && b.Has("own_words"):
		out = append(out, fmt.Sprintf("%s (%s)", b.Get("own_words"), g))
	default:
		out = append(out, fmt.Sprintf("GENERATED ALWAYS AS (%s) %s", g, b.Get("generated_kind")))
	}
	for _, p := range b.Parts {
		if p.ID.Kind == "identity" {
			out = append(out, identityText(p.Object))
		}
	}
	out = append(out, behind(b, host, "p")...)
	if n := b.Part("not null"); n != nil && !impliedNotNull(n, host) {
		out = append(out, notNullText(n))
	}
	out = append(out, behind(b, host, "u")...)
	if d := b.Part("default"); d != nil {
		out = append(out, "DEFAULT "+d.Get("expression"))
	}
	out = append(out, behind(b, host, "f")...)
	return strings.Join(out, " ")
}

// afterColumn writes the settings that ADD COLUMN and CREATE TABLE cannot hold
// on every version.
func afterColumn(o *schema.Object) []string {
	var out []string
	if s := o.Get("storage"); s != "" || o.Is("restored") {
		s = or(s, o.Get("type_storage"))
		out = append(out, alterOnly(o, o, "SET STORAGE "+s)...)
	}
	if c := o.Get("compression"); c != "" || o.Is("uncompressed") {
		c = or(c, "default")
		out = append(out, alterOnly(o, o, "SET COMPRESSION "+c)...)
	}
	if s := o.Get("statistics"); s != "" {
		out = append(out, alterOnly(o, o, "SET STATISTICS "+s)...)
	}
	if opts := o.Get("options"); opts != "" {
		out = append(out, alterColumn(o, "SET ("+options(opts)+")")...)
	}
	return out
}

// comparableTypes reports whether a foreign key can lead from one type to the
// other, as it must between the changes of its two columns.
func comparableTypes(a, b string) bool {
	for _, family := range [][]string{numbers, {"text", "character varying", "character"}} {
		if contains(family, a) && contains(family, b) {
			return true
		}
	}
	return false
}

// blocksColumnType lists what must be out of the way while a column changes
// its type. Indexes and constraints the server rebuilds itself, but not a
// foreign key while only one of its ends has a type that the other's cannot be
// compared with; a default is in the way unless it is a number before and after.
func blocksColumnType(old, new *schema.Object) []string {
	if !notInherited(old, new) {
		return nil
	}
	kinds := []string{"view", "materialized view", "rule", "policy", "trigger", "function", "procedure", "column", "publication relation"}
	from, to := base(old), base(new)
	if from != to && !(contains(numbers, from) && contains(numbers, to)) {
		kinds = append(kinds, "default")
	}
	if from != to && !comparableTypes(from, to) {
		kinds = append(kinds, "foreign_key")
	}
	return kinds
}

// alterGenerated changes the expression of a generated column in place, which
// PostgreSQL 17 can for a stored one and 18 for a virtual one.
func alterGenerated(old, new *schema.Object) []string {
	switch {
	case (old.Is("own_expression") || new.Is("own_expression")) && old.Has("generated") && new.Has("generated"):
		if new.Is("settable") {
			return setExpression(new)
		}
		return nil
	case old.Is("inherited") && new.Is("inherited"):
		return []string{}
	}
	if old.Has("generated") && !new.Has("generated") {
		return alterGeneratedKind(old, new)
	}
	return nil
}

// setExpression changes the expression of a generated column, which PostgreSQL
// 17 can.
func setExpression(o *schema.Object) []string {
	return alterColumn(o, "SET EXPRESSION AS ("+o.Get("generated")+")")
}

// alterGeneratedKind makes a stored generated column a plain one that keeps its values.
func alterGeneratedKind(old, new *schema.Object) []string {
	if old.Is("inherited") && new.Is("inherited") {
		return []string{}
	}
	return alterGeneratedToPlain(old, new)
}

// alterGeneratedToPlain does so; nil where there is no such change.
func alterGeneratedToPlain(old, new *schema.Object) []string {
	if old.Get("generated_kind") == "STORED" && !new.Has("generated_kind") {
		return alterColumn(new, "DROP EXPRESSION")
	}
	return nil
}
