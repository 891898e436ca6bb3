package kinds

import "github.com/tvl-platform/plumb/schema"

// casts cannot be altered. That of a range to its multirange comes with the range.
var casts = &schema.Kind{
	Name:    "cast",
	Noun:    "CAST",
	Follows: true,
	Query: `
SELECT 'pg_catalog.pg_cast'::regclass::oid AS classid, k.oid AS objid, 0 AS objsubid,
       '(' || format_type(k.castsource, NULL) || ' AS ' || format_type(k.casttarget, NULL) || ')' AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       CASE k.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || k.castfunc::regprocedure::text WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END AS method,
       CASE k.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END AS context
FROM pg_catalog.pg_cast k
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = k.oid AND d.deptype = 'i')`,
	Attrs: []schema.Attr{{Name: "method"}, {Name: "context"}},
	Create: func(b schema.Built) []string {
		return list("CREATE CAST %s %s%s", b.ID.Name, b.Get("method"), b.Get("context"))
	},
}
