package kinds

import "github.com/tvl-platform/plumb/schema"

// viewColumns are the columns of views and materialized views. They come and
// go with the view; comments, defaults and privileges hang on them, and those
// of a materialized view have settings of their own.
var viewColumns = &schema.Kind{
	Name: "view column",
	Noun: "COLUMN",
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, a.attnum::int AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, a.attnum AS ord,
       quote_ident(a.attname) AS column,
       CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END AS relation,
       CASE WHEN c.relkind = 'm' AND a.attstorage <> t.typstorage THEN
            CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' WHEN 'x' THEN 'EXTENDED' END END AS storage,
       CASE t.typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' WHEN 'x' THEN 'EXTENDED' END AS type_storage,
       CASE WHEN c.relkind = 'm' THEN CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END END AS compression,
       CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END AS statistics,
       (SELECT string_agg(o, E'\n' ORDER BY o) FROM unnest(a.attoptions) o) AS options
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped`,
	Attrs: []schema.Attr{
		{Name: "column", Fact: true},
		{Name: "relation", Fact: true},
		{Name: "storage", Alter: alterStorage},
		{Name: "type_storage", Fact: true},
		{Name: "compression", Alter: alterCompression},
		{Name: "statistics", Alter: alterStatistics},
		{Name: "options", Alter: alterColumnOptions},
	},
	Inside:    []string{"view", "materialized view"},
	CanInside: func(o *schema.Object) bool { return len(afterColumn(o)) == 0 },
	Create:    func(b schema.Built) []string { return afterColumn(b.Object) },
	Drop:      func(*schema.Object) []string { return nil }, // with its view
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER %s %s RENAME COLUMN %s TO %s", new.Get("relation"), new.Parent.Name, old.Get("column"), new.Get("column"))
	},
}
