package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// comments hang on any object. The ID and the words after COMMENT ON are the
// parent's, but for the NOT NULL of a domain, which is no object. Schema public has one from initdb, so there a comment is what
// differs from that; "" is none at all. Those on roles are there where roles
// are compared.
var comments = &schema.Kind{
	Name: "comment",
	Query: `
SELECT d.classoid AS classid, d.objoid AS objid, d.objsubid, CASE WHEN k.oid IS NULL THEN '' ELSE 'not null' END AS name,
       CASE WHEN k.oid IS NOT NULL THEN 'pg_catalog.pg_type'::regclass::oid WHEN d.classoid <> 'pg_catalog.pg_largeobject'::regclass THEN d.classoid END AS pclassid, coalesce(k.contypid, d.objoid) AS pobjid, d.objsubid AS pobjsubid, 0 AS ord,
       CASE WHEN k.oid IS NOT NULL THEN 'CONSTRAINT ' || quote_ident(k.conname) || ' ON DOMAIN ' || k.contypid::regtype
            WHEN d.classoid = 'pg_catalog.pg_largeobject'::regclass THEN 'LARGE OBJECT ' || d.objoid END AS on,
       d.description AS text, NULL AS usual
FROM pg_catalog.pg_description d
LEFT JOIN pg_catalog.pg_constraint k ON d.classoid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objoid AND k.contypid <> 0 AND k.contype = 'n'
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_catalog.pg_largeobject'::regclass -- which may have any number
       OR d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objoid IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')) -- so may public under another name
  AND NOT (d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objoid IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'public'))
UNION ALL
SELECT d.classoid, d.objoid, 0, '', d.classoid, d.objoid, 0, 0, NULL, d.description, NULL
FROM pg_catalog.pg_shdescription d
WHERE d.classoid = 'pg_catalog.pg_authid'::regclass
UNION ALL
SELECT 'pg_catalog.pg_namespace'::regclass::oid, n.oid, 0, '', 'pg_catalog.pg_namespace'::regclass::oid, n.oid, 0, 0, NULL, d.description, 'standard public schema'
FROM pg_catalog.pg_namespace n
LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objoid = n.oid AND d.objsubid = 0
WHERE n.nspname = 'public' AND d.description IS DISTINCT FROM 'standard public schema'`,
	Anywhere: true,
	Hangs:    true,
	Attrs: []schema.Attr{
		{Name: "on", Fact: true},
		{Name: "text", Alter: func(_, new *schema.Object) []string { return commentOn(new, new.Get("text")) }},
		{Name: "usual", Fact: true},
	},
	Relies: func(o *schema.Object, _ *schema.Snapshot) (needs, with []schema.ID) {
		return []schema.ID{largeObject(o)}, nil
	},
	Create: func(b schema.Built) []string { return commentOn(b.Object, b.Get("text")) },
	Drop:   func(o *schema.Object) []string { return commentOn(o, o.Get("usual")) },
}

func commentOn(o *schema.Object, text string) []string {
	if text == "" {
		return list("COMMENT ON %s IS NULL", o.Get("on"))
	}
	return list("COMMENT ON %s IS %s", o.Get("on"), strings.TrimSpace(literal(text)))
}
