package kinds

import "github.com/tvl-platform/plumb/schema"

// domainDefaults are the defaults of domains. pg_depend makes the domain need
// what the default does; here the default needs it, at a made-up address,
// pg_type's with the number -1. What the base type is, and the collation, the
// domain itself needs.
var domainDefaults = &schema.Kind{
	Name: "domain default",
	Query: `
SELECT 'pg_catalog.pg_type'::regclass::oid AS classid, t.oid AS objid, -1 AS objsubid,
       'for ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
       'pg_catalog.pg_type'::regclass::oid AS pclassid, t.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS domain,
       pg_get_expr(t.typdefaultbin, 0) AS expression
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'd' AND t.typdefaultbin IS NOT NULL`,
	Depends: `
SELECT x.* FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'n'
CROSS JOIN LATERAL (VALUES
  (d.classid, d.objid, 0, d.refclassid, d.refobjid, d.refobjsubid, '-'),
  (d.classid, d.objid, -1, d.refclassid, d.refobjid, d.refobjsubid, 'n')) x
WHERE t.typtype = 'd' AND t.typdefaultbin IS NOT NULL
  AND NOT (d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid = t.typbasetype)
  AND NOT (d.refclassid = 'pg_catalog.pg_collation'::regclass AND d.refobjid = t.typcollation)
  AND d.refclassid <> 'pg_catalog.pg_namespace'::regclass`,
	Attrs: []schema.Attr{
		{Name: "domain", Fact: true},
		{Name: "expression", Printed: true, Alter: func(_, new *schema.Object) []string { return setDomainDefault(new) }},
	},
	Inside: []string{"domain"},
	Create: func(b schema.Built) []string { return setDomainDefault(b.Object) },
	Drop: func(o *schema.Object) []string {
		return list("ALTER DOMAIN %s DROP DEFAULT", o.Get("domain"))
	},
}

func setDomainDefault(o *schema.Object) []string {
	return list("ALTER DOMAIN %s SET DEFAULT %s", o.Get("domain"), o.Get("expression"))
}
