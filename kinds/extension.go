package kinds

import "github.com/tvl-platform/plumb/schema"

// extensions stand for all their members. Which version is installed is a
// matter of the server's packages and not compared.
var extensions = &schema.Kind{
	Name: "extension",
	Noun: "EXTENSION",
	Query: `
SELECT 'pg_catalog.pg_extension'::regclass::oid AS classid, e.oid AS objid, 0 AS objsubid,
       quote_ident(e.extname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, e.extrelocatable AS relocatable, e.extversion AS version
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'`,
	Attrs: []schema.Attr{
		{Name: "schema", Alter: func(old, new *schema.Object) []string {
			if !old.Is("relocatable") {
				return nil
			}
			return list("ALTER EXTENSION %s SET SCHEMA %s", new.ID.Name, new.Get("schema"))
		}},
		{Name: "relocatable", Fact: true},
		{Name: "version", Fact: true},
	},
	Create: func(b schema.Built) []string {
		return list("CREATE EXTENSION %s SCHEMA %s", b.ID.Name, b.Get("schema"))
	},
}
