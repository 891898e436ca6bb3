package kinds

import "github.com/tvl-platform/plumb/schema"

// policies are those of row-level security. ALTER POLICY changes the roles and
// the conditions, but cannot take a condition away.
var policies = &schema.Kind{
	Name: "policy",
	Noun: "POLICY",
	Query: `
SELECT 'pg_catalog.pg_policy'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid,
       quote_ident(p.polname) || ' on ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(p.polname) AS policy, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table,
       CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END AS combination,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
       (SELECT string_agg(CASE WHEN r.id = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.id)) END, ', ' ORDER BY pg_get_userbyid(r.id) COLLATE "C")
          FROM unnest(p.polroles) r(id)) AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS "using",
       pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't'`,
	Follows: true,
	Attrs: []schema.Attr{
		{Name: "policy", Fact: true},
		{Name: "table", Fact: true},
		{Name: "combination"},
		{Name: "command"},
		{Name: "roles", Alter: alterPolicy},
		{Name: "using", Printed: true, Alter: alterPolicy},
		{Name: "check", Printed: true, Alter: alterPolicy},
	},
	Create: func(b schema.Built) []string {
		text := "CREATE POLICY " + onTable(b.Object)
		if b.Get("combination") == "RESTRICTIVE" {
			text += " AS RESTRICTIVE"
		}
		if c := b.Get("command"); c != "ALL" {
			text += " FOR " + c
		}
		if r := b.Get("roles"); r != "PUBLIC" {
			text += " TO " + r
		}
		return []string{text + policyConditions(&schema.Object{}, b.Object)}
	},
	Drop: func(o *schema.Object) []string { return []string{"DROP POLICY " + onTable(o)} },
	Ref:  func(o *schema.Object) string { return "POLICY " + onTable(o) },
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER POLICY %s ON %s RENAME TO %s", old.Get("policy"), new.Get("table"), new.Get("policy"))
	},
	Widens: widensPolicy,
}

func onTable(o *schema.Object) string { return o.Get("policy") + " ON " + o.Get("table") }

// alterPolicy changes roles and conditions in one statement.
func alterPolicy(old, new *schema.Object) []string {
	for _, attr := range []string{"using", "check"} {
		if old.Has(attr) && !new.Has(attr) {
			return nil
		}
	}
	text := "ALTER POLICY " + onTable(new)
	if r := new.Get("roles"); r != old.Get("roles") {
		text += " TO " + r
	}
	return []string{text + policyConditions(old, new)}
}

// policyConditions writes the conditions that differ.
func policyConditions(old, new *schema.Object) string {
	text := ""
	if v := new.Get("using"); v != old.Get("using") {
		text += " USING (" + v + ")"
	}
	if v := new.Get("check"); v != old.Get("check") {
		text += " WITH CHECK (" + v + ")"
	}
	return text
}

// widensPolicy reports a new permissive policy, a restrictive one that goes,
// and every change: whether a condition got wider cannot be read off it.
func widensPolicy(old, new *schema.Object) bool {
	switch {
	case old == nil:
		return new.Get("combination") == "PERMISSIVE"
	case new == nil:
		return old.Get("combination") == "RESTRICTIVE"
	}
	return true
}
