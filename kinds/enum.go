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
		schema.Attr{Name: "labels", Alter: alterLabels, Guess: guessLabel, Alone: true},
	),
	Create: func(b schema.Built) []string {
		labels := lines(b.Get("labels"))
		if len(labels) > 8 {
			return list("CREATE TYPE %s AS ENUM (\n    %s\n)", b.ID.Name, strings.Join(labels, ",\n    "))
		}
		return list("CREATE TYPE %s AS ENUM (%s)", b.ID.Name, strings.Join(labels, ", "))
	},
	Rename: rename("TYPE", "typname"),
	Resembles: func(old, new *schema.Object) bool {
		return alterLabels(old, new) != nil && len(keptLabels(lines(old.Get("labels")), lines(new.Get("labels")))) > 0
	},
	Aside:     renameAside("TYPE"),
	DropAside: dropAside("TYPE"),
	Vanishing: vanishingLabels,
	Names:     typeName,
}

// alterLabels renames a label, and adds those that are new; nil where a label
// is gone or has moved.
func alterLabels(old, new *schema.Object) []string {
	was, is := lines(old.Get("labels")), lines(new.Get("labels"))
	out := []string{}
	if from, to := renamedLabel(was, is); from != "" {
		out = list("ALTER TYPE %s RENAME VALUE %s TO %s", new.ID.Name, from, to)
		was[slices.Index(was, from)] = to
	}
	if !slices.Equal(keptLabels(is, was), was) {
		return nil
	}
	return append(out, addLabels(new, was, is)...)
}

// guessLabel says that a label is taken to be renamed.
func guessLabel(old, new *schema.Object) string {
	from, to := renamedLabel(lines(old.Get("labels")), lines(new.Get("labels")))
	if from == "" {
		return ""
	}
	return "label " + from + " is taken to be renamed: it is now called " + to
}

// renamedLabel finds the one label that is gone, where the others are there in
// their order, and the new one that has its place behind the same neighbour.
func renamedLabel(was, is []string) (from, to string) {
	kept := keptLabels(was, is)
	if len(kept) != len(was)-1 || !slices.Equal(kept, keptLabels(is, was)) {
		return "", ""
	}
	i := slices.IndexFunc(was, func(l string) bool { return !slices.Contains(is, l) })
	at := 0
	if i > 0 {
		at = slices.Index(is, was[i-1]) + 1
	}
	if at == len(is) || slices.Contains(was, is[at]) {
		return "", ""
	}
	return was[i], is[at]
}

// keptLabels lists the labels that are among others too.
func keptLabels(labels, others []string) []string {
	return slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return !slices.Contains(others, l) })
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
