package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// comments hang on any object. The ID and the words after COMMENT ON are the
// parent's.
var comments = &schema.Kind{
	Name: "comment",
	Query: `
SELECT d.classoid AS classid, d.objoid AS objid, d.objsubid, '' AS name,
       CASE WHEN d.classoid <> 'pg_catalog.pg_largeobject'::regclass THEN d.classoid END AS pclassid, d.objoid AS pobjid, d.objsubid AS pobjsubid, 0 AS ord,
       CASE WHEN d.classoid = 'pg_catalog.pg_largeobject'::regclass THEN 'LARGE OBJECT ' || d.objoid END AS on,
       d.description AS text
FROM pg_catalog.pg_description d
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objoid = 'public'::regnamespace AND d.description <> 'standard public schema')`,
	Anywhere: true,
	Hangs:    true,
	Attrs: []schema.Attr{
		{Name: "on", Fact: true},
		{Name: "text", Alter: func(_, new *schema.Object) []string { return commentOn(new, literal(new.Get("text"))) }},
	},
	Relies: func(o *schema.Object, _ *schema.Snapshot) (needs, with []schema.ID) {
		return []schema.ID{largeObject(o)}, nil
	},
	Create: func(b schema.Built) []string { return commentOn(b.Object, literal(b.Get("text"))) },
	Drop:   func(o *schema.Object) []string { return commentOn(o, "NULL") },
}

func commentOn(o *schema.Object, text string) []string {
	return list("COMMENT ON %s IS %s", o.Get("on"), strings.TrimSpace(text))
}
