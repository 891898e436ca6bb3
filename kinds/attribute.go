package kinds

import "github.com/tvl-platform/plumb/schema"

// attributes are those of composite types. CASCADE passes a change on to the
// typed tables, whose columns these are too; nothing else is left by then that
// it could reach.
var attributes = &schema.Kind{
	Name:  "attribute",
	Noun:  "COLUMN",
	Loses: func(o *schema.Object) bool { return o.Is("used") },
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, a.attnum AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) AS name,
       'pg_catalog.pg_type'::regclass::oid AS pclassid, c.reltype AS pobjid, 0 AS pobjsubid, a.attnum AS ord,
       quote_ident(a.attname) AS attribute,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation
            THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_catalog.pg_collation co
                  JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END AS collation,
       u.used, u.typed
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_type r ON r.oid = c.reltype
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT count(*) > 0 AS used, count(*) FILTER (WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0) > 0 AS typed
  FROM pg_catalog.pg_depend d
  WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (r.oid, r.typarray) AND d.deptype = 'n'
    AND d.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass)) u
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped`,
	Attrs: []schema.Attr{
		{Name: "attribute", Fact: true},
		{Name: "type", Alter: alterAttribute, Blocks: blocksAttribute, Follows: true},
		{Name: "collation", Alter: alterAttribute, Blocks: blocksAttribute, Follows: true},
		{Name: "used", Fact: true},
		{Name: "typed", Fact: true},
	},
	// A column of a typed table repeats an attribute.
	Depends: `
SELECT 'pg_catalog.pg_class'::regclass::oid, a.attrelid, a.attnum, 'pg_catalog.pg_class'::regclass::oid, t.typrelid, o.attnum, 'a'
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_type t ON t.oid = c.reloftype
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
JOIN pg_catalog.pg_attribute o ON o.attrelid = t.typrelid AND o.attname = a.attname AND NOT o.attisdropped
WHERE c.reloftype <> 0`,
	// Where columns hold the composite type, that is made anew.
	Rebind: func(old, new *schema.Object) []string {
		if old.Is("used") {
			return nil
		}
		return alterAttribute(old, new)
	},
	RebindBlocks: blocksAttribute(nil, nil),
	Inside:       []string{"composite type"},
	Create: func(b schema.Built) []string {
		return list("ALTER TYPE %s ADD ATTRIBUTE %s%s", b.Parent.Name, attributeText(b.Object), toTypedTables(b.Object))
	},
	Drop: func(o *schema.Object) []string {
		return list("ALTER TYPE %s DROP ATTRIBUTE %s%s", o.Parent.Name, o.Get("attribute"), toTypedTables(o))
	},
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER TYPE %s RENAME ATTRIBUTE %s TO %s%s", new.Parent.Name, old.Get("attribute"), new.Get("attribute"), toTypedTables(old))
	},
}

// attributeText is an attribute as CREATE TYPE defines it.
func attributeText(o *schema.Object) string {
	return o.Get("attribute") + " " + columnType(o)
}

func alterAttribute(old, new *schema.Object) []string {
	return list("ALTER TYPE %s ALTER ATTRIBUTE %s TYPE %s%s", new.Parent.Name, new.Get("attribute"), columnType(new), toTypedTables(old))
}

func blocksAttribute(_, _ *schema.Object) []string {
	return []string{"view", "materialized view", "rule", "policy", "trigger", "function", "procedure", "column", "index", "constraint"}
}

func toTypedTables(o *schema.Object) string {
	if o.Is("typed") {
		return " CASCADE"
	}
	return ""
}
