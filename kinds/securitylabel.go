package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// securityLabels hang on objects as comments do, one of each provider.
// SECURITY LABEL needs the provider to be loaded in the server.
var securityLabels = &schema.Kind{
	Name: "security label",
	Query: `
SELECT l.classoid AS classid, l.objoid AS objid, l.objsubid, 'by ' || quote_ident(l.provider) AS name,
       CASE WHEN l.classoid <> 'pg_catalog.pg_largeobject'::regclass THEN l.classoid END AS pclassid, l.objoid AS pobjid, l.objsubid AS pobjsubid, 0 AS ord,
       CASE WHEN l.classoid = 'pg_catalog.pg_largeobject'::regclass THEN 'LARGE OBJECT ' || l.objoid END AS on,
       quote_ident(l.provider) AS provider, l.label
FROM pg_catalog.pg_seclabel l
UNION ALL
SELECT l.classoid, l.objoid, 0, 'by ' || quote_ident(l.provider), l.classoid, l.objoid, 0, 0, NULL, quote_ident(l.provider), l.label
FROM pg_catalog.pg_shseclabel l
WHERE l.classoid = 'pg_catalog.pg_authid'::regclass`,
	Anywhere: true,
	Hangs:    true,
	Attrs: []schema.Attr{
		{Name: "on", Fact: true},
		{Name: "provider", Fact: true},
		{Name: "label", Alter: func(_, new *schema.Object) []string { return labelOn(new, literal(new.Get("label"))) }},
	},
	Relies: func(o *schema.Object, _ *schema.Snapshot) (needs, with []schema.ID) {
		return []schema.ID{largeObject(o)}, nil
	},
	Create: func(b schema.Built) []string { return labelOn(b.Object, literal(b.Get("label"))) },
	Drop:   func(o *schema.Object) []string { return labelOn(o, "NULL") },
}

func labelOn(o *schema.Object, label string) []string {
	return list("SECURITY LABEL FOR %s ON %s IS %s", o.Get("provider"), o.Get("on"), strings.TrimSpace(label))
}
