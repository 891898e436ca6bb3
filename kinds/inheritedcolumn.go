package kinds

import (
	"fmt"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// apart is an inherited object as it is while its table has no parent.
func apart(o *schema.Object) *schema.Object {
	out := *o
	out.Attrs.Values = slices.Clone(o.Attrs.Values)
	out.Attrs.Values[slices.Index(o.Attrs.Names, "inherited")] = "f"
	return &out
}

// partsOfInherited writes what an inherited column has of its own.
func partsOfInherited(b schema.Built) []string {
	out := foreignOptionsOf(b)
	if b.Is("own_expression") {
		out = append(out, setExpression(b.Object)...)
	}
	for _, k := range []*schema.Kind{defaults, notNulls} {
		for _, p := range b.Parts {
			if p.ID.Kind != k.Name {
				continue
			}
			out = append(out, k.Create(p)...)
			if k == defaults && b.Get("mirror") == "typed" { // an attribute has no default for the rows
				out = append(out, fmt.Sprintf("UPDATE %s SET %s = DEFAULT", b.Parent.Name, b.Get("column")))
			}
		}
	}
	return out
}

// foreignOptionsOf writes the options of a foreign column that came by itself,
// which no CREATE FOREIGN TABLE can hold.
func foreignOptionsOf(b schema.Built) []string {
	if o := b.Get("fdw_options"); o != "" && mirrored(b) {
		return alterColumn(b.Object, fdwOptions("", o))
	}
	return nil
}

// passedOn reports whether a column of a new table is generated as its parent's,
// which before PostgreSQL 16 cannot be said again.
func passedOn(column, table schema.Built) bool {
	if column.Is("own_expression") {
		return false
	}
	return mirrored(column) && column.Get("mirror") == "partition" || column.Is("inherited") && len(parents(table)) > 0
}

// notInherited reports whether a change is the column's own: its parent's would
// be passed on to it.
func notInherited(old, new *schema.Object) bool {
	return !old.Is("inherited") || !new.Is("inherited")
}
