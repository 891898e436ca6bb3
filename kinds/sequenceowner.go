package kinds

import "github.com/tvl-platform/plumb/schema"

// sequenceOwners are OWNED BY clauses: the sequence exists before the column
// whose default it feeds, so what ties it to the column is an object of its
// own. Taking it away sets the sequence free.
var sequenceOwners = &schema.Kind{
	Name: "sequence owner",
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, -1 AS objsubid,
       'of ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(tn.nspname) || '.' || quote_ident(t.relname) || '.' || quote_ident(a.attname) AS owned_by
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S' AND c.relpersistence <> 't'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype = 'a'`,
	Attrs: []schema.Attr{
		{Name: "owned_by", Alter: func(_, new *schema.Object) []string { return ownedBy(new, new.Get("owned_by")) }},
	},
	Depends: `
SELECT d.classid, d.objid, -1, d.refclassid, d.refobjid, d.refobjsubid, 'n'
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype = 'a'`,
	Create: func(b schema.Built) []string { return ownedBy(b.Object, b.Get("owned_by")) },
	Drop:   func(o *schema.Object) []string { return ownedBy(o, "NONE") },
}

func ownedBy(o *schema.Object, column string) []string {
	return list("ALTER SEQUENCE %s OWNED BY %s", o.Parent.Name, column)
}
