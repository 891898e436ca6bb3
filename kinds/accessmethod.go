package kinds

import "github.com/tvl-platform/plumb/schema"

var accessMethods = &schema.Kind{
	Name: "access method",
	Noun: "ACCESS METHOD",
	Query: `
SELECT 'pg_catalog.pg_am'::regclass::oid AS classid, a.oid AS objid, 0 AS objsubid,
       quote_ident(a.amname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END AS type,
       ` + functionName("a.amhandler") + ` AS handler
FROM pg_catalog.pg_am a`,
	Attrs: []schema.Attr{{Name: "type"}, {Name: "handler"}},
	Create: func(b schema.Built) []string {
		return list("CREATE ACCESS METHOD %s TYPE %s HANDLER %s", b.ID.Name, b.Get("type"), b.Get("handler"))
	},
}
