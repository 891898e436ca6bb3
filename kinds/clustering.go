package kinds

import "github.com/tvl-platform/plumb/schema"

// clusterings say by which index CLUSTER sorts a table or a materialized view.
var clusterings = &schema.Kind{
	Name: "clustering",
	Query: `
SELECT 'pg_catalog.pg_index'::regclass::oid AS classid, x.indexrelid AS objid, 0 AS objsubid,
       'of ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(i.relname) AS index
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE x.indisclustered AND c.relpersistence <> 't'`,
	Attrs: []schema.Attr{{Name: "index", Alter: func(_, new *schema.Object) []string { return clusterOn(new) }}},
	Depends: `
SELECT 'pg_catalog.pg_index'::regclass::oid, x.indexrelid, 0, 'pg_catalog.pg_class'::regclass::oid, x.indexrelid, 0, 'a'
FROM pg_catalog.pg_index x WHERE x.indisclustered`,
	Create: func(b schema.Built) []string { return clusterOn(b.Object) },
	Drop:   func(o *schema.Object) []string { return list("ALTER TABLE %s SET WITHOUT CLUSTER", o.Parent.Name) },
}

func clusterOn(o *schema.Object) []string {
	return list("ALTER TABLE %s CLUSTER ON %s", o.Parent.Name, o.Get("index"))
}
