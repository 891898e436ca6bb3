package kinds

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// compositeTypes are those that CREATE TYPE … AS made; the row types of tables
// are not objects. Their attributes are objects of their own. An attribute
// comes and goes in place even where columns hold the type, but it cannot
// change its own type there, nor its place anywhere: the composite type is then
// made anew. The order does not count for a type that tables are typed with: they
// would have to be made anew too, and lose their rows.
//
// A composite type needs what its attributes need, so that it is made anew
// with a type that is.
var compositeTypes = &schema.Kind{
	Name:    "composite type",
	Noun:    "TYPE",
	Implies: impliedPrivileges("TYPES", grantOn("TYPE")),
	Query: typeColumns + `
       EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray) AND d.deptype = 'n'
               AND (d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid > 0 OR d.classid = 'pg_catalog.pg_type'::regclass)) AS used,
       o.typed, x.names, x.types
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
CROSS JOIN LATERAL (SELECT t.oid IN (SELECT r.reloftype FROM pg_catalog.pg_class r WHERE r.reloftype <> 0) AS typed) o
CROSS JOIN LATERAL (
  SELECT string_agg(a.name, E'\n' ORDER BY a.place, a.name) AS names, string_agg(a.type, E'\n' ORDER BY a.place, a.name) AS types
  FROM (SELECT replace(quote_ident(a.attname), E'\n', '\n') AS name, CASE WHEN NOT o.typed THEN a.attnum END AS place,
               replace(format_type(a.atttypid, a.atttypmod) || coalesce(' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname), ''), E'\n', '\n') AS type
        FROM pg_catalog.pg_attribute a
        LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
        LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) a) x
WHERE t.typtype = 'c' AND c.relkind = 'c'`,
	Attrs: typeFacts(
		schema.Attr{Name: "used", Fact: true},
		schema.Attr{Name: "typed", Fact: true},
		schema.Attr{Name: "names", Follows: true, Alter: func(old, new *schema.Object) []string {
			if !old.Is("typed") && !new.Is("typed") && !inPlace(lines(old.Get("names")), lines(new.Get("names"))) {
				return nil
			}
			return []string{} // the attributes say what is to do
		}},
		schema.Attr{Name: "types", Follows: true, Alter: func(old, new *schema.Object) []string {
			if old.Is("used") && retypes(old, new) {
				return nil
			}
			return []string{}
		}},
	),
	Depends: `
SELECT 'pg_catalog.pg_type'::regclass::oid, c.reltype, 0, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid > 0
WHERE c.relkind = 'c' AND d.deptype = 'n'`,
	Create: func(b schema.Built) []string {
		var out []string
		for _, p := range b.Parts {
			if p.ID.Kind == "attribute" {
				out = append(out, attributeText(p.Object))
			}
		}
		body := parenthesized(out)
		if body == "" {
			body = " ()"
		}
		return list("CREATE TYPE %s AS%s", b.ID.Name, body)
	},
	Rename:    rename("TYPE", "typname"),
	Aside:     renameAside("TYPE"),
	DropAside: dropAside("TYPE"),
	Names:     rowName,
}

// inPlace reports whether the attributes that stay keep their order, with those
// that are new behind them, where the server adds them.
func inPlace(was, is []string) bool {
	stay := slices.DeleteFunc(slices.Clone(was), func(name string) bool { return !contains(is, name) })
	return len(stay) <= len(is) && slices.Equal(stay, is[:len(stay)])
}

// retypes reports whether an attribute of both states has another type or
// collation.
func retypes(old, new *schema.Object) bool {
	was := map[string]string{}
	types := lines(old.Get("types"))
	for i, name := range lines(old.Get("names")) {
		was[name] = types[i]
	}
	types = lines(new.Get("types"))
	for i, name := range lines(new.Get("names")) {
		if before, ok := was[name]; ok && before != types[i] {
			return true
		}
	}
	return false
}
