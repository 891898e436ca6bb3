package kinds

import "github.com/tvl-platform/plumb/schema"

// typings are the ties between typed tables and the composite types whose
// attributes their columns are. A table outlives the end of one.
var typings = &schema.Kind{
	Name: "typing",
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, -20001 AS objsubid,
       c.oid::regclass::text || ' of ' || format_type(c.reloftype, NULL) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       format_type(c.reloftype, NULL) AS type
FROM pg_catalog.pg_class c
WHERE c.reloftype <> 0 AND c.relpersistence <> 't'`,
	Depends: `
SELECT 'pg_catalog.pg_class'::regclass::oid, c.oid, -20001, 'pg_catalog.pg_type'::regclass::oid, c.reloftype, 0, 'n'
FROM pg_catalog.pg_class c
WHERE c.reloftype <> 0 AND c.relpersistence <> 't'`,
	Attrs:  []schema.Attr{{Name: "type", Fact: true}},
	Tie:    true,
	Inside: []string{"table"},
	Create: func(b schema.Built) []string { return list("ALTER TABLE %s OF %s", b.Parent.Name, b.Get("type")) },
	Drop:   func(o *schema.Object) []string { return list("ALTER TABLE %s NOT OF", o.Parent.Name) },
}
