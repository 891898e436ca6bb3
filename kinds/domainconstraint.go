package kinds

import "github.com/tvl-platform/plumb/schema"

// domainConstraints are the checks of domains.
var domainConstraints = &schema.Kind{
	Name: "domain constraint",
	Noun: "CONSTRAINT",
	Query: `
SELECT 'pg_catalog.pg_constraint'::regclass::oid AS classid, k.oid AS objid, 0 AS objsubid,
       quote_ident(k.conname) || ' on ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
       'pg_catalog.pg_type'::regclass::oid AS pclassid, t.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(k.conname) AS constraint, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS domain,
       regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition,
       CASE WHEN NOT k.convalidated THEN 'NOT VALID' END AS validity,
       ` + domainContained + ` AS contained
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_type t ON t.oid = k.contypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE k.contype = 'c'`,
	Attrs: []schema.Attr{
		{Name: "constraint", Fact: true},
		{Name: "domain", Fact: true},
		{Name: "definition", Printed: true},
		{Name: "validity", Alter: func(old, new *schema.Object) []string {
			if new.Has("validity") || old.Is("contained") {
				return nil
			}
			return list("ALTER DOMAIN %s VALIDATE CONSTRAINT %s", new.Get("domain"), new.Get("constraint"))
		}},
		{Name: "contained", Fact: true},
	},
	// Values inside an array and the like are not looked at: the server
	// refuses to add a check that they may fail.
	Joins: func(part, domain *schema.Object) bool {
		return part.Has("validity") || !domain.Is("contained")
	},
	Inside:    []string{"domain"},
	CanInside: func(o *schema.Object) bool { return !o.Has("validity") },
	Create: func(b schema.Built) []string {
		return list("ALTER DOMAIN %s ADD CONSTRAINT %s %s", b.Get("domain"), b.Get("constraint"), constraintText(b.Object))
	},
	Drop: func(o *schema.Object) []string {
		return list("ALTER DOMAIN %s DROP CONSTRAINT %s", o.Get("domain"), o.Get("constraint"))
	},
	Ref: func(o *schema.Object) string {
		return "CONSTRAINT " + o.Get("constraint") + " ON DOMAIN " + o.Get("domain")
	},
	Names: func(o *schema.Object) []string {
		return list("constraint %s on domain %s", o.Get("constraint"), o.Get("domain"))
	},
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER DOMAIN %s RENAME CONSTRAINT %s TO %s", new.Get("domain"), old.Get("constraint"), new.Get("constraint"))
	},
}
