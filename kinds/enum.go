package kinds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// enums are the enumerated types. PostgreSQL adds and renames labels in place;
// a label cannot be taken away or moved, so the type is then made anew and
// what has values of it moves over.
//
// A label is kept as a literal without newlines, one a line, in the order of
// enumsortorder.
var enums = &schema.Kind{
	Name:    "enum",
	Noun:    "TYPE",
	Implies: impliedPrivileges("TYPES", grantOn("TYPE")),
	Query: typeColumns + `
       (SELECT string_agg(CASE WHEN e.enumlabel ~ '[\n\\]' THEN 'E''' || replace(replace(replace(e.enumlabel, '\', '\\'), '''', ''''''), E'\n', '\n') || ''''
                          ELSE quote_literal(e.enumlabel) END, E'\n' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e'`,
	Attrs: typeFacts(
		schema.Attr{Name: "labels", Alter: alterLabels, Alone: true},
	),
	Create: func(b schema.Built) []string {
		labels := lines(b.Get("labels"))
		if len(labels) > 8 {
			return list("CREATE TYPE %s AS ENUM (\n    %s\n)", b.ID.Name, strings.Join(labels, ",\n    "))
		}
		return list("CREATE TYPE %s AS ENUM (%s)", b.ID.Name, strings.Join(labels, ", "))
	},
	Rename:    renameType("TYPE"),
	Aside:     renameAside("TYPE"),
	DropAside: dropAside("TYPE"),
	Vanishing: vanishingLabels,
	Names:     typeName,
}

// alterLabels renames a label, or adds those that are new; nil where a label
// is gone or has moved.
func alterLabels(old, new *schema.Object) []string {
	was, is := lines(old.Get("labels")), lines(new.Get("labels"))
	if from, to, ok := renamedLabel(was, is); ok {
		return list("ALTER TYPE %s RENAME VALUE %s TO %s", new.ID.Name, from, to)
	}
	kept := slices.DeleteFunc(slices.Clone(is), func(l string) bool { return !slices.Contains(was, l) })
	if !slices.Equal(kept, was) {
		return nil
	}
	return addLabels(new, was, is)
}

// renamedLabel finds the one label that differs between two lists that
// otherwise agree: it has the place of the old one among the same neighbours,
// and whatever has the old value can only mean the new one.
func renamedLabel(was, is []string) (from, to string, ok bool) {
	if len(was) != len(is) {
		return "", "", false
	}
	for i := range was {
		switch {
		case was[i] == is[i]:
		case ok || slices.Contains(is, was[i]) || slices.Contains(was, is[i]):
			return "", "", false
		default:
			from, to, ok = was[i], is[i], true
		}
	}
	return from, to, ok
}

// addLabels adds each new label behind the one before it, which is there by
// then; those at the end need no place.
func addLabels(o *schema.Object, was, is []string) []string {
	out := []string{}
	left := len(was)
	for i, l := range is {
		place := ""
		switch {
		case slices.Contains(was, l):
			left--
			continue
		case left == 0:
		case i == 0:
			place = " BEFORE " + was[0]
		default:
			place = " AFTER " + is[i-1]
		}
		out = append(out, fmt.Sprintf("ALTER TYPE %s ADD VALUE %s%s", o.ID.Name, l, place))
	}
	return out
}
