package kinds

import "github.com/tvl-platform/plumb/schema"

// rules are the rewrite rules of tables and views, but for the one that is a
// view's query. CREATE OR REPLACE RULE changes a rule in place and leaves it
// enabled or disabled as it was.
var rules = &schema.Kind{
	Name: "rule",
	Noun: "RULE",
	Query: `
SELECT 'pg_catalog.pg_rewrite'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid,
       quote_ident(r.rulename) || ' on ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(r.rulename) AS rule, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table,
       rtrim(substr(pg_get_ruledef(r.oid), length('CREATE RULE ' || quote_ident(r.rulename) || ' ') + 1), ';') AS definition,
       ` + firing("r.ev_enabled") + ` AS enabled
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND c.relpersistence <> 't'`,
	Attrs: []schema.Attr{
		{Name: "rule", Fact: true},
		{Name: "table", Fact: true},
		{Name: "definition", Printed: true, Alter: func(_, new *schema.Object) []string {
			return list("CREATE OR REPLACE RULE %s %s", new.Get("rule"), new.Get("definition"))
		}},
		{Name: "enabled", Alter: func(_, new *schema.Object) []string { return fireRule(new) }},
	},
	Create: func(b schema.Built) []string {
		out := list("CREATE RULE %s %s", b.Get("rule"), b.Get("definition"))
		if b.Get("enabled") != "ENABLE" {
			out = append(out, fireRule(b.Object)...)
		}
		return out
	},
	Drop: func(o *schema.Object) []string { return list("DROP RULE %s ON %s", o.Get("rule"), o.Get("table")) },
	Ref:  func(o *schema.Object) string { return "RULE " + o.Get("rule") + " ON " + o.Get("table") },
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER RULE %s ON %s RENAME TO %s", old.Get("rule"), new.Get("table"), new.Get("rule"))
	},
}

func fireRule(o *schema.Object) []string {
	return list("ALTER TABLE %s %s RULE %s", o.Get("table"), o.Get("enabled"), o.Get("rule"))
}
