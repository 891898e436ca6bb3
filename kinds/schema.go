package kinds

import "github.com/tvl-platform/plumb/schema"

// schemas are the namespaces. Schema public is one as any other, though initdb
// makes it.
var schemas = &schema.Kind{
	Name:    "schema",
	Noun:    "SCHEMA",
	Implies: impliedOnSchema,
	Query: `
SELECT 'pg_catalog.pg_namespace'::regclass::oid AS classid, n.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')`,
	Anywhere:  true,
	Qualifies: true,
	Create: func(b schema.Built) []string {
		return list("CREATE SCHEMA %s", b.ID.Name)
	},
	// What initdb gave public would stay: its owner, its comment, its privileges.
	Rename: func(old, new *schema.Object) []string {
		if old.ID.Name == "public" || new.ID.Name == "public" {
			return nil
		}
		return list("ALTER SCHEMA %s RENAME TO %s", old.ID.Name, new.ID.Name)
	},
}
