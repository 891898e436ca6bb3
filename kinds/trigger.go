package kinds

import (
	"fmt"

	"github.com/tvl-platform/plumb/schema"
)

// triggers are those that somebody made: not those behind foreign keys, nor
// the copies that a partition has of its parent's. The server's text is kept
// from behind the name on, so that a renamed trigger is otherwise the same.
var triggers = &schema.Kind{
	Name: "trigger",
	Noun: "TRIGGER",
	Query: `
SELECT 'pg_catalog.pg_trigger'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,
       quote_ident(t.tgname) || ' on ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(t.tgname) AS trigger, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table,
       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS relation,
       t.tgconstraint <> 0 AS constraint,
       substr(pg_get_triggerdef(t.oid), length('CREATE ' || CASE WHEN t.tgconstraint <> 0 THEN 'CONSTRAINT ' ELSE '' END || 'TRIGGER ' || quote_ident(t.tgname) || ' ') + 1) AS definition,
       c.relkind = 'p' AS copied, -- <15
       ` + firing("t.tgenabled") + ` AS enabled
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND c.relpersistence <> 't'`,
	Follows: true,
	Attrs: []schema.Attr{
		{Name: "trigger", Fact: true},
		{Name: "table", Fact: true},
		{Name: "relation", Fact: true},
		{Name: "constraint"},
		{Name: "copied", Fact: true},
		{Name: "definition", Printed: true, Alter: replaceTrigger, Blocks: func(_, _ *schema.Object) []string { return []string{"partition trigger"} }},
		{Name: "enabled", Alter: func(old, new *schema.Object) []string {
			if old.Get("definition") != new.Get("definition") {
				return []string{} // see replaceTrigger
			}
			return fireTrigger(new)
		}, Blocks: func(_, _ *schema.Object) []string { return []string{"partition trigger"} }},
	},
	Create: func(b schema.Built) []string { return makeTrigger("CREATE", b.Object) },
	Drop: func(o *schema.Object) []string {
		return list("DROP TRIGGER %s ON %s", o.Get("trigger"), o.Get("table"))
	},
	Ref: func(o *schema.Object) string { return "TRIGGER " + o.Get("trigger") + " ON " + o.Get("table") },
	Rename: func(old, new *schema.Object) []string {
		if old.Is("copied") {
			return nil // before PostgreSQL 15 the copies of partitions keep the old name
		}
		return list("ALTER TRIGGER %s ON %s RENAME TO %s", old.Get("trigger"), new.Get("table"), new.Get("trigger"))
	},
	Widens: func(old, new *schema.Object) bool {
		return old != nil && new != nil && fires(old) && !fires(new)
	},
}

// firing writes when a trigger or rule fires, as ALTER TABLE says it.
func firing(column string) string {
	return `CASE ` + column + ` WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END`
}

// fires reports whether a trigger fires in an ordinary session.
func fires(o *schema.Object) bool {
	return o.Get("enabled") == "ENABLE" || o.Get("enabled") == "ENABLE ALWAYS"
}

// replaceTrigger changes a trigger in place, which PostgreSQL cannot for a
// constraint trigger.
func replaceTrigger(_, new *schema.Object) []string {
	if new.Is("constraint") {
		return nil
	}
	return makeTrigger("CREATE OR REPLACE", new)
}

// makeTrigger creates or replaces a trigger; both leave it enabled.
func makeTrigger(verb string, o *schema.Object) []string {
	if o.Is("constraint") {
		verb += " CONSTRAINT"
	}
	out := list("%s TRIGGER %s %s", verb, o.Get("trigger"), o.Get("definition"))
	if o.Get("enabled") != "ENABLE" {
		out = append(out, fireTrigger(o)...)
	}
	return out
}

func fireTrigger(o *schema.Object) []string {
	return []string{fmt.Sprintf("ALTER %s %s %s TRIGGER %s", o.Get("relation"), o.Get("table"), o.Get("enabled"), o.Get("trigger"))}
}
