package kinds

import "github.com/tvl-platform/plumb/schema"

// conversions turn one encoding into another. Nothing of one can be changed.
var conversions = &schema.Kind{
	Name: "conversion",
	Noun: "CONVERSION",
	Query: `
SELECT 'pg_catalog.pg_conversion'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.conname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(c.conname) AS conname,
       CASE WHEN c.condefault THEN 'DEFAULT ' END AS default,
       quote_literal(pg_encoding_to_char(c.conforencoding)) AS source,
       quote_literal(pg_encoding_to_char(c.contoencoding)) AS destination,
       quote_ident(fn.nspname) || '.' || quote_ident(f.proname) AS function
FROM pg_catalog.pg_conversion c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
JOIN pg_catalog.pg_proc f ON f.oid = c.conproc
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "conname", Fact: true},
		{Name: "default"},
		{Name: "source"},
		{Name: "destination"},
		{Name: "function"},
	},
	Create: func(b schema.Built) []string {
		return list("CREATE %sCONVERSION %s FOR %s TO %s FROM %s",
			b.Get("default"), b.ID.Name, b.Get("source"), b.Get("destination"), b.Get("function"))
	},
	Rename: rename("CONVERSION", "conname"),
	// The default of two encodings is a name that a schema has once.
	Names: func(o *schema.Object) []string {
		if !o.Has("default") {
			return nil
		}
		return []string{"default conversion " + o.Get("schema") + " " + o.Get("source") + " " + o.Get("destination")}
	},
}
