package kinds

import "github.com/tvl-platform/plumb/schema"

// eventTriggers fire on DDL and on login. Nothing but whether they fire can be
// altered.
var eventTriggers = &schema.Kind{
	Name: "event trigger",
	Noun: "EVENT TRIGGER",
	Query: `
SELECT 'pg_catalog.pg_event_trigger'::regclass::oid AS classid, e.oid AS objid, 0 AS objsubid,
       quote_ident(e.evtname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       e.evtevent AS event,
       (SELECT string_agg(quote_literal(t.tag), ', ' ORDER BY t.i) FROM unnest(e.evttags) WITH ORDINALITY t(tag, i)) AS tags,
       e.evtfoid::regprocedure AS function,
       ` + firing("e.evtenabled") + ` AS enabled
FROM pg_catalog.pg_event_trigger e`,
	Attrs: []schema.Attr{
		{Name: "event"},
		{Name: "tags"},
		{Name: "function"},
		{Name: "enabled", Alter: func(_, new *schema.Object) []string { return fireEvent(new) }},
	},
	Create: func(b schema.Built) []string {
		when := ""
		if t := b.Get("tags"); t != "" {
			when = " WHEN TAG IN (" + t + ")"
		}
		out := list("CREATE EVENT TRIGGER %s ON %s%s EXECUTE FUNCTION %s", b.ID.Name, b.Get("event"), when, b.Get("function"))
		if b.Get("enabled") != "ENABLE" {
			out = append(out, fireEvent(b.Object)...)
		}
		return out
	},
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER EVENT TRIGGER %s RENAME TO %s", old.ID.Name, new.ID.Name)
	},
	Stops: func(old, new *schema.Object) bool { return fires(old) && (new == nil || !fires(new)) },
	Widens: func(old, new *schema.Object) bool {
		return old != nil && new != nil && fires(old) && !fires(new)
	},
}

func fireEvent(o *schema.Object) []string {
	return list("ALTER EVENT TRIGGER %s %s", o.ID.Name, o.Get("enabled"))
}
