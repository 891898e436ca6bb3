package kinds

import (
	"regexp"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// notNulls are the NOT NULL marks of columns. From PostgreSQL 18 on they are
// constraints with a name, may be NOT VALID, and know what they inherited;
// before, a mark that the parent's column has too is taken as inherited.
var notNulls = &schema.Kind{
	Name: "not null",
	Query: `
SELECT
       'pg_catalog.pg_constraint'::regclass::oid AS classid, k.oid AS objid, 0 AS objsubid, -- 18+
       'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, -a.attnum AS objsubid, -- <18
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, a.attnum AS pobjsubid, a.attnum AS ord,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table, quote_ident(a.attname) AS column,
       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS relation,
       quote_ident(k.conname) AS constraint, -- 18+
       k.conname <> c.relname || '_' || a.attname || '_not_null' AS own_name, -- 18+
       CASE WHEN k.coninhcount > 0 THEN (SELECT quote_ident(pk.conname) FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname -- 18+
           JOIN pg_catalog.pg_constraint pk ON pk.conrelid = i.inhparent AND pk.contype = 'n' AND pk.conkey[1] = p.attnum WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1) END AS given, -- 18+
       CASE WHEN k.connoinherit THEN 'NO INHERIT' END AS no_inherit, -- 18+
       CASE WHEN NOT k.convalidated THEN 'NOT VALID' END AS validity, -- 18+
       NULL AS no_inherit, NULL AS validity, -- <18
       CASE WHEN k.coninhcount > 0 AND k.convalidated THEN EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname -- 18+
           JOIN pg_catalog.pg_constraint pk ON pk.conrelid = i.inhparent AND pk.contype = 'n' AND pk.conkey[1] = p.attnum AND NOT pk.convalidated WHERE i.inhrelid = c.oid) END AS loose, -- 18+
       coalesce(a.attnum = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1]), false) AS in_primary_key,
       a.attidentity <> '' AS in_identity,
       c.reloftype <> 0 AS typed, -- 18+
       k.coninhcount > 0 AS inherited, k.conislocal AS local, -- 18+
       CASE WHEN a.attinhcount > 0 THEN EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_attribute pa ON pa.attrelid = i.inhparent -- <18
           WHERE i.inhrelid = c.oid AND pa.attname = a.attname AND pa.attnotnull) END AS inherited, a.attislocal AND NOT c.relispartition AS local, -- <18
       a.attinhcount > 0 AND NOT a.attislocal AND NOT c.relispartition AS undeclared
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index x ON x.indrelid = c.oid AND x.indisprimary
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'n' AND k.conkey[1] = a.attnum -- 18+
WHERE a.attnotnull AND NOT a.attisdropped AND a.attnum > 0 AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' -- <18
WHERE NOT a.attisdropped AND a.attnum > 0 AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' -- 18+`,
	// An inherited mark follows its parent's; a primary key needs those of its
	// columns.
	Depends: `
SELECT 'pg_catalog.pg_class'::regclass::oid, a.attrelid, -a.attnum, 'pg_catalog.pg_class'::regclass::oid, p.attrelid, -p.attnum, 'n' -- <18
FROM pg_catalog.pg_inherits i -- <18
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.inhrelid AND a.attnum > 0 AND a.attinhcount > 0 AND a.attnotnull -- <18
JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND p.attnotnull -- <18
UNION ALL -- <18
SELECT 'pg_catalog.pg_constraint'::regclass::oid, k.oid, 0, 'pg_catalog.pg_class'::regclass::oid, k.conrelid, -n, 'n' -- <18
FROM pg_catalog.pg_constraint k CROSS JOIN unnest(k.conkey) n WHERE k.contype = 'p' -- <18
SELECT 'pg_catalog.pg_constraint'::regclass::oid, k.oid, 0, 'pg_catalog.pg_constraint'::regclass::oid, pk.oid, 0, 'n' -- 18+
FROM pg_catalog.pg_inherits i -- 18+
JOIN pg_catalog.pg_constraint k ON k.conrelid = i.inhrelid AND k.contype = 'n' AND k.coninhcount > 0 -- 18+
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] -- 18+
JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname -- 18+
JOIN pg_catalog.pg_constraint pk ON pk.conrelid = i.inhparent AND pk.contype = 'n' AND pk.conkey[1] = p.attnum -- 18+
UNION ALL -- 18+
SELECT 'pg_catalog.pg_constraint'::regclass::oid, k.oid, 0, 'pg_catalog.pg_constraint'::regclass::oid, n.oid, 0, 'n' -- 18+
FROM pg_catalog.pg_constraint k -- 18+
JOIN pg_catalog.pg_constraint n ON n.conrelid = k.conrelid AND n.contype = 'n' AND n.conkey[1] = ANY (k.conkey) -- 18+
WHERE k.contype = 'p' -- 18+`,
	Follows: true,
	Ref:     func(o *schema.Object) string { return "CONSTRAINT " + o.Get("constraint") + " ON " + o.Get("table") },
	Names: func(o *schema.Object) []string {
		if !o.Has("constraint") || o.Is("inherited") {
			return nil
		}
		return []string{"constraint " + o.Get("constraint") + " on " + o.Get("table")}
	},
	// The server makes sure that no constraint in the schema has the name
	// (ChooseConstraintName).
	Chosen: func(o *schema.Object) string {
		if !o.Has("constraint") {
			return ""
		}
		return schemaName.FindString(o.ID.Name) + o.Get("constraint")
	},
	Spelled: func(o *schema.Object) *schema.Object {
		out := *o
		out.Attrs.Values = slices.Clone(o.Attrs.Values)
		out.Attrs.Values[slices.Index(o.Attrs.Names, "own_name")] = "t"
		return &out
	},
	Attrs: []schema.Attr{
		{Name: "table", Fact: true},
		{Name: "column", Fact: true},
		{Name: "relation", Fact: true},
		{Name: "constraint", Alter: func(old, new *schema.Object) []string {
			switch {
			case old.Is("inherited") && new.Is("inherited") && !ownName(old, new):
				return []string{} // it follows its parent's
			case old.Is("inherited") != new.Is("inherited") && !staysNotNull(old):
				return nil // the parent's brings it, or takes it away
			case old.Is("typed"):
				return nil // of a typed table the server renames none
			}
			return list("ALTER TABLE %s RENAME CONSTRAINT %s TO %s", new.Get("table"), old.Get("constraint"), new.Get("constraint"))
		}, Unties: ownName},
		{Name: "given", Fact: true}, // the name that comes with a parent's
		{Name: "own_name", Fact: true},
		{Name: "no_inherit", Alter: func(old, new *schema.Object) []string {
			if new.Has("no_inherit") {
				return nil // those of the children would stay, as their own
			}
			return list("ALTER TABLE %s ALTER CONSTRAINT %s INHERIT", new.Get("table"), nameOfNotNull(old, new))
		}},
		{Name: "validity", Alter: func(old, new *schema.Object) []string {
			if new.Has("validity") {
				return nil
			}
			return list("ALTER TABLE %s VALIDATE CONSTRAINT %s", new.Get("table"), nameOfNotNull(old, new))
		}},
		{Name: "loose", Fact: true}, // it is valid, and that of a parent is not
		{Name: "in_primary_key", Fact: true},
		{Name: "in_identity", Fact: true},
		{Name: "typed", Fact: true}, // its table is of a type
		{Name: "inherited", Fact: true},
		{Name: "local", Fact: true},
		{Name: "undeclared", Fact: true}, // its column is not in the child's CREATE TABLE, which before PostgreSQL 18 cannot name it alone
	},
	Before: notNullBefore,
	Mirror: mirrorIf(schema.Demanded),
	Apart:  apart,
	Stays:  staysNotNull,
	Leads:  renamedNotNull,
	Untied: func(_, new *schema.Object) bool { return renamedNotNull(new) && new.Has("validity") },
	// A new child's is valid at once, and has the parent's name.
	Late: func(_, mirror *schema.Object) bool {
		return mirror != nil && mirror.Get("validity") == "NOT VALID" && !renamedNotNull(mirror)
	},
	Inside: []string{"column", "table", "foreign table"},
	CanInside: func(o *schema.Object) bool {
		return !o.Has("validity") && (o.Has("constraint") || !o.Is("undeclared")) && (o.Is("local") || !o.Is("inherited") || renamedNotNull(o))
	},
	Create: func(b schema.Built) []string {
		switch {
		case b.Tied && b.Is("loose"):
			return validate(b.Object)
		case b.Tied:
			return nil
		}
		if ownNotNull(b.Object) || b.Has("no_inherit") || b.Has("validity") {
			return list("ALTER TABLE %s ADD %s", b.Get("table"), notNullOfTable(b.Object))
		}
		return list("ALTER %s %s ALTER COLUMN %s SET NOT NULL", b.Get("relation"), b.Get("table"), b.Get("column"))
	},
	Drop: func(o *schema.Object) []string {
		return list("ALTER %s %s ALTER COLUMN %s DROP NOT NULL", o.Get("relation"), o.Get("table"), o.Get("column"))
	},
}

// schemaName matches the schema at the beginning of a name.
var schemaName = regexp.MustCompile(`^("(?:[^"]|"")*"|[^".]*)\.`)

// staysNotNull reports whether a mark is still there when the parent's goes:
// PostgreSQL 18 knows that a child declared it too.
func staysNotNull(o *schema.Object) bool {
	return o.Is("inherited") && o.Is("local") && o.Has("constraint")
}

// notNullBefore is the mark as a server of an earlier major is to make it: before
// PostgreSQL 18 it has no name.
func notNullBefore(o *schema.Object, major int) *schema.Object {
	if major >= 18 || !o.Has("constraint") || o.Has("no_inherit") || o.Has("validity") {
		return o
	}
	unnamed := *o
	unnamed.Attrs.Values = slices.Clone(o.Attrs.Values)
	unnamed.Attrs.Values[slices.Index(o.Attrs.Names, "constraint")] = ""
	return &unnamed
}

// notNullOfTable writes the mark as a constraint of a table, from PostgreSQL 18 on.
func notNullOfTable(o *schema.Object) string {
	text := "CONSTRAINT " + o.Get("constraint") + " NOT NULL " + o.Get("column")
	for _, attr := range []string{"no_inherit", "validity"} {
		if v := o.Get(attr); v != "" {
			text += " " + v
		}
	}
	return text
}

// notNullText writes the mark inside a column's definition.
func notNullText(o *schema.Object) string {
	text := "NOT NULL"
	if ownNotNull(o) || renamedNotNull(o) {
		text = "CONSTRAINT " + o.Get("constraint") + " NOT NULL"
	}
	if n := o.Get("no_inherit"); n != "" {
		text += " " + n
	}
	return text
}

// ownNotNull reports whether a mark has a name that is not the server's. The
// state of an earlier major knows of no names.
func ownNotNull(o *schema.Object) bool { return o.Has("constraint") && o.Is("own_name") }

// nameOfNotNull is what a mark is called that changes and, where the new state
// knows of names, has its new name by then.
func nameOfNotNull(old, new *schema.Object) string {
	return or(new.Get("constraint"), old.Get("constraint"))
}

// renamedNotNull reports whether a mark that comes with a parent's has another
// name than that, which only a new table can give it.
func renamedNotNull(o *schema.Object) bool {
	return o.Has("constraint") && o.Has("given") && o.Get("given") != o.Get("constraint")
}

// ownName reports whether an inherited mark has, or gets, a name of its own.
func ownName(old, new *schema.Object) bool {
	return old.Is("inherited") && new.Is("inherited") && (renamedNotNull(old) || renamedNotNull(new))
}

// impliedNotNull reports whether the mark goes without saying, beside a
// primary key in the same CREATE TABLE.
func impliedNotNull(o *schema.Object, host schema.Built) bool {
	if ownNotNull(o) || renamedNotNull(o) || !o.Is("in_primary_key") {
		return false
	}
	for _, p := range host.Parts {
		if p.ID.Kind == "constraint" && p.Get("type") == "p" {
			return true
		}
	}
	return false
}
