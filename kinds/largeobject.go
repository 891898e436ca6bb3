package kinds

import "github.com/tvl-platform/plumb/schema"

// largeObjects are those with an owner, privileges, a comment or a label of
// their own. Their contents are data, and so is their existence: one that is
// missing is made empty so that it can carry these, and none is ever
// unlinked; it only goes back to having nothing of its own.
var largeObjects = &schema.Kind{
	Name: "large object",
	Noun: "LARGE OBJECT",
	Query: `
SELECT 'pg_catalog.pg_largeobject'::regclass::oid AS classid, l.oid AS objid, 0 AS objsubid, l.oid::text AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord
FROM pg_catalog.pg_largeobject_metadata l
WHERE l.lomacl IS NOT NULL AND NOT (l.lomacl @> acldefault('L', l.lomowner) AND l.lomacl <@ acldefault('L', l.lomowner)) OR l.lomowner <> (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database())
   OR l.oid IN (SELECT objoid FROM pg_catalog.pg_description WHERE classoid = 'pg_catalog.pg_largeobject'::regclass)
   OR l.oid IN (SELECT objoid FROM pg_catalog.pg_seclabel WHERE classoid = 'pg_catalog.pg_largeobject'::regclass)`,
	Anywhere: true,
	Create: func(b schema.Built) []string {
		return list("SELECT pg_catalog.lo_create(%[1]s) WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata WHERE oid = %[1]s)", b.ID.Name)
	},
	Drop: func(*schema.Object) []string { return []string{} },
}
