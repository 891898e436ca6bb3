package kinds

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// ranges are the range types. Each has a multirange type and constructor
// functions, which come and go with it. Nothing of a range can be changed; it
// is made anew, and its multirange type and its constructors go aside with it.
var ranges = &schema.Kind{
	Name:    "range",
	Noun:    "TYPE",
	Follows: true,
	Implies: impliedPrivileges("TYPES", grantOn("TYPE")),
	Query: typeColumns + `
       format_type(r.rngsubtype, NULL) AS subtype,
       CASE WHEN NOT o.opcdefault THEN quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) END AS operator_class,
       CASE WHEN r.rngcollation <> s.typcollation THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END AS collation,
       CASE WHEN r.rngcanonical <> 0 THEN (SELECT quote_ident(fn.nspname) || '.' || quote_ident(f.proname) FROM pg_catalog.pg_proc f
            JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = r.rngcanonical) END AS canonical,
       CASE WHEN r.rngsubdiff <> 0 THEN (SELECT quote_ident(fn.nspname) || '.' || quote_ident(f.proname) FROM pg_catalog.pg_proc f
            JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = r.rngsubdiff) END AS subtype_diff,
       quote_ident(mn.nspname) || '.' || quote_ident(m.typname) AS multirange,
       quote_ident(CASE WHEN octet_length(m.typname::text) <= 53 THEN m.typname || '__replaced' ELSE 'replaced_' || md5(m.typname) END) AS multirange_aside,
       (SELECT string_agg(replace(f.oid::regprocedure::text || ' RENAME TO ' || quote_ident('replaced_' || md5(f.proname)), E'\n', '\n'), E'\n' ORDER BY f.oid::regprocedure::text)
          FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc f ON f.oid = d.objid
         WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, m.oid) AND d.deptype = 'i') AS constructors,
       (SELECT string_agg(replace(concat_ws(E'\t', quote_ident(n.nspname) || '.' || quote_ident(CASE f.prorettype WHEN t.oid THEN t.typname ELSE m.typname END),
            pg_get_function_identity_arguments(f.oid), quote_ident(n.nspname) || '.' || quote_ident(f.proname)), E'\n', '\n'), E'\n' ORDER BY f.oid::regprocedure::text)
          FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc f ON f.oid = d.objid
         WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, m.oid) AND d.deptype = 'i'
           AND f.prorettype IN (t.oid, m.oid) AND f.proname <> CASE f.prorettype WHEN t.oid THEN t.typname ELSE m.typname END) AS called
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_catalog.pg_namespace opn ON opn.oid = o.opcnamespace
JOIN pg_catalog.pg_type m ON m.oid = r.rngmultitypid
JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace
LEFT JOIN pg_catalog.pg_collation co ON co.oid = r.rngcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
WHERE t.typtype = 'r'`,
	Attrs: typeFacts(
		schema.Attr{Name: "subtype"},
		schema.Attr{Name: "operator_class"},
		schema.Attr{Name: "collation"},
		schema.Attr{Name: "canonical"},
		schema.Attr{Name: "subtype_diff"},
		schema.Attr{Name: "multirange"},
		schema.Attr{Name: "multirange_aside", Fact: true},
		schema.Attr{Name: "constructors", Fact: true},
		schema.Attr{Name: "called", Alter: callConstructors}, // what constructors are not called as their type, since that was renamed
	),
	Create: createRange,
	Rename: func(old, new *schema.Object) []string {
		if old.Get("schema") != new.Get("schema") {
			return nil // its multirange and its constructors would stay
		}
		out := rename("TYPE", "typname")(old, new)
		for _, f := range lines(old.Get("constructors")) {
			if signature, _, _ := strings.Cut(f, " RENAME TO "); strings.HasPrefix(signature, old.ID.Name+"(") {
				out = append(out, fmt.Sprintf("ALTER FUNCTION %s RENAME TO %s", signature, new.Get("typname")))
			}
		}
		return out
	},
	// The functions go first: their signatures name the types. What needs a
	// canonical function shares a name with the type that this function
	// needs, and cannot be in two places.
	Aside: func(o *schema.Object) []string {
		if o.Has("canonical") {
			return nil
		}
		return append(constructorsAside(o),
			fmt.Sprintf("ALTER TYPE %s RENAME TO %s", o.Get("multirange"), o.Get("multirange_aside")),
			fmt.Sprintf("ALTER TYPE %s RENAME TO %s", o.ID.Name, o.Get("aside")))
	},
	DropAside: dropAside("TYPE"),
	Sought:    true,
	Drop: func(o *schema.Object) []string {
		if o.Has("canonical") {
			return list("DROP TYPE %s CASCADE", o.ID.Name) // the function goes with it
		}
		return list("DROP TYPE %s", o.ID.Name)
	},
	Names: func(o *schema.Object) []string {
		return append(typeName(o), "type "+o.Get("multirange"))
	},
}

func createRange(b schema.Built) []string {
	opts := []string{"subtype = " + b.Get("subtype")}
	for _, o := range [][2]string{
		{"subtype_opclass", "operator_class"}, {"collation", "collation"}, {"canonical", "canonical"},
		{"subtype_diff", "subtype_diff"}, {"multirange_type_name", "multirange"},
	} {
		if v := b.Get(o[1]); v != "" {
			opts = append(opts, o[0]+" = "+v)
		}
	}
	out := list("CREATE TYPE %s AS RANGE (\n    %s\n)", b.ID.Name, strings.Join(opts, ",\n    "))
	return append(out, callConstructors(&schema.Object{}, b.Object)...)
}

// callConstructors gives the constructors the names that they have in new, which
// in old are others, or their type's.
func callConstructors(old, new *schema.Object) []string {
	was, is := calls(old), calls(new)
	out := []string{}
	rename := func(from, to string) {
		name, args, _ := strings.Cut(from, "\t")
		out = append(out, fmt.Sprintf("ALTER FUNCTION %s(%s) RENAME TO %s", name, args, strings.TrimPrefix(to, new.Get("schema")+".")))
	}
	for _, function := range slices.Sorted(maps.Keys(was)) {
		if is[function] != was[function] {
			name, args, _ := strings.Cut(function, "\t")
			rename(was[function]+"\t"+args, name)
		}
	}
	for _, function := range slices.Sorted(maps.Keys(is)) {
		if is[function] != was[function] {
			rename(function, is[function])
		}
	}
	return out
}

// calls holds, by name and arguments of a constructor as the server would make
// it, what it is called.
func calls(o *schema.Object) map[string]string {
	out := map[string]string{}
	for _, l := range lines(o.Get("called")) {
		if i := strings.LastIndex(l, "\t"); i >= 0 {
			out[l[:i]] = l[i+1:]
		}
	}
	return out
}

// constructorsAside renames the constructors. Where the type of their arguments
// may be set aside already it has another name by then, and the server is asked
// for their signatures.
func constructorsAside(o *schema.Object) []string {
	if strings.Contains(o.Get("subtype"), ".") {
		return []string{renameConstructors(o)}
	}
	var out []string
	for _, f := range lines(o.Get("constructors")) {
		out = append(out, "ALTER FUNCTION "+f)
	}
	return out
}

func renameConstructors(o *schema.Object) string {
	return do(fmt.Sprintf(`
DECLARE f record;
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS signature, 'replaced_' || md5(p.proname) AS aside
        FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_proc AS p ON p.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.refclassid = 'pg_catalog.pg_type'::regclass
        AND d.refobjid IN (%s::regtype, %s::regtype) AND d.deptype = 'i'
    LOOP
        EXECUTE format('ALTER FUNCTION %%s RENAME TO %%I', f.signature, f.aside);
    END LOOP;
END `, strings.TrimSpace(literal(o.ID.Name)), strings.TrimSpace(literal(o.Get("multirange")))))
}
