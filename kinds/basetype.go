package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// shellTypes are types of which nothing but the name is known. Those that the
// user left so are objects; so is, for plumb, the name of every type that needs
// functions which need it: a base type and its input and output functions, a
// range and its canonical function. Such a function goes down with its type
// and needs no more of it than the name. The name has a made-up address of its
// own, pg_type's with the number -1.
var shellTypes = &schema.Kind{
	Name: "shell type",
	Noun: "TYPE",
	Query: `
SELECT 'pg_catalog.pg_type'::regclass::oid AS classid, t.oid AS objid, CASE WHEN t.typisdefined THEN -1 ELSE 0 END AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
WHERE NOT t.typisdefined OR r.rngcanonical <> 0
   OR t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)`,
	Depends: `
SELECT x.* FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'n'
JOIN pg_catalog.pg_depend u ON u.classid = d.refclassid AND u.objid = d.refobjid AND u.refclassid = d.classid AND u.refobjid = d.objid AND u.deptype = 'n'
CROSS JOIN LATERAL (VALUES
  (u.classid, u.objid, 0, d.classid, t.oid, 0, '-'),
  (u.classid, u.objid, 0, d.classid, t.oid, -1, 'a'),
  (d.classid, t.oid, 0, d.classid, t.oid, -1, 'n')) x
WHERE t.oid >= 16384 AND t.typtype IN ('b', 'r')`,
	// The name goes with the type, though it is there before.
	Relies: func(o *schema.Object, _ *schema.Snapshot) (needs, with []schema.ID) {
		return nil, []schema.ID{{Kind: "base type", Name: o.ID.Name}, {Kind: "range", Name: o.ID.Name}}
	},
	Create: func(b schema.Built) []string { return list("CREATE TYPE %s", b.ID.Name) },
	Names:  typeName,
}

// baseTypes are the types whose values C functions read and write. They are
// dropped with CASCADE, for type and functions need each other; by then
// nothing is left that this reaches but those functions.
var baseTypes = &schema.Kind{
	Name:    "base type",
	Noun:    "TYPE",
	Follows: true,
	Implies: impliedPrivileges("TYPES", grantOn("TYPE")),
	Query: typeColumns + `
       t.typinput::text AS input, t.typoutput::text AS output,
       nullif(t.typreceive::text, '-') AS receive, nullif(t.typsend::text, '-') AS send,
       nullif(t.typmodin::text, '-') AS typmod_in, nullif(t.typmodout::text, '-') AS typmod_out,
       nullif(t.typanalyze::text, '-') AS analyze, nullif(t.typsubscript::text, '-') AS subscript,
       CASE WHEN t.typlen < 0 THEN 'VARIABLE' ELSE t.typlen::text END AS length,
       t.typbyval AS passed_by_value,
       CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' WHEN 'd' THEN 'double' END AS alignment,
       CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' WHEN 'x' THEN 'extended' END AS storage,
       quote_literal(t.typcategory::text) AS category, t.typispreferred AS preferred,
       quote_literal(t.typdefault) AS default,
       CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END AS element,
       quote_literal(t.typdelim::text) AS delimiter,
       t.typcollation <> 0 AS collatable
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)`,
	Attrs: typeFacts([]schema.Attr{
		{Name: "input"},
		{Name: "output"},
		{Name: "receive", Alter: alterTypeSet},
		{Name: "send", Alter: alterTypeSet},
		{Name: "typmod_in", Alter: alterTypeSet},
		{Name: "typmod_out", Alter: alterTypeSet},
		{Name: "analyze", Alter: alterTypeSet},
		{Name: "subscript", Alter: alterTypeSet},
		{Name: "length"},
		{Name: "passed_by_value"},
		{Name: "alignment"},
		{Name: "storage", Alter: func(old, new *schema.Object) []string {
			if old.Get("storage") == "plain" || new.Get("storage") == "plain" {
				return nil // values of a plain type cannot be compressed or moved out
			}
			return alterTypeSet(old, new)
		}},
		{Name: "category"},
		{Name: "preferred"},
		{Name: "default"},
		{Name: "element"},
		{Name: "delimiter"},
		{Name: "collatable"},
	}...),
	Create: createBaseType,
	Drop:   func(o *schema.Object) []string { return list("DROP TYPE %s CASCADE", o.ID.Name) },
	Rename: rename("TYPE", "typname"),
	// A function reads the values of one type.
	Resembles: func(old, new *schema.Object) bool { return old.Get("input") == new.Get("input") },
	Names:     typeName,
}

// typeOptions are the words of CREATE TYPE for the attributes, in its order.
var typeOptions = [][2]string{
	{"INPUT", "input"}, {"OUTPUT", "output"}, {"RECEIVE", "receive"}, {"SEND", "send"},
	{"TYPMOD_IN", "typmod_in"}, {"TYPMOD_OUT", "typmod_out"}, {"ANALYZE", "analyze"}, {"SUBSCRIPT", "subscript"},
	{"INTERNALLENGTH", "length"}, {"ALIGNMENT", "alignment"}, {"STORAGE", "storage"},
	{"CATEGORY", "category"}, {"DEFAULT", "default"}, {"ELEMENT", "element"}, {"DELIMITER", "delimiter"},
}

func createBaseType(b schema.Built) []string {
	var opts []string
	for _, o := range typeOptions {
		if v := b.Get(o[1]); v != "" {
			opts = append(opts, o[0]+" = "+v)
		}
	}
	for _, o := range [][2]string{{"PREFERRED", "preferred"}, {"COLLATABLE", "collatable"}} {
		if b.Is(o[1]) {
			opts = append(opts, o[0]+" = true")
		}
	}
	if b.Is("passed_by_value") {
		opts = append(opts, "PASSEDBYVALUE")
	}
	return list("CREATE TYPE %s%s", b.ID.Name, parenthesized(opts))
}

// alterTypeSet changes in place everything that ALTER TYPE … SET can.
func alterTypeSet(old, new *schema.Object) []string {
	var opts []string
	for _, o := range typeOptions {
		if was, is := old.Get(o[1]), new.Get(o[1]); was != is {
			opts = append(opts, o[0]+" = "+or(is, "NONE"))
		}
	}
	return list("ALTER TYPE %s SET (%s)", new.ID.Name, strings.Join(opts, ", "))
}
