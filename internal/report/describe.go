package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// Describe tells of one object as psql's \d does: its columns in a table, then
// what it has by kind, and what else refers to it.
func Describe(snap *schema.Snapshot, o *schema.Object, kinds schema.Kinds) string {
	d := description{snap: snap, kinds: kinds}
	d.text.line("%s", OneLine(o.ID.String()))
	d.attrs(o)
	parts := d.parts(o.ID)
	d.columns(parts)
	for _, k := range kinds {
		if len(parts[k.Name]) > 0 && k.Name != "column" {
			d.kind(k, parts[k.Name])
		}
	}
	d.referrers(o)
	return d.text.out.String()
}

type description struct {
	text  text
	snap  *schema.Snapshot
	kinds schema.Kinds
}

// parts lists the objects that are parts of one, by kind. Those of columns are
// told of with the columns.
func (d *description) parts(id schema.ID) map[string][]*schema.Object {
	out := map[string][]*schema.Object{}
	for _, o := range d.snap.Sorted() {
		if o.Parent == id {
			out[o.ID.Kind] = append(out[o.ID.Kind], o)
		}
	}
	return out
}

// shown lists the attributes that are set, as name and value.
func (d *description) shown(o *schema.Object) [][2]string {
	var out [][2]string
	k := d.kinds.Find(o.ID.Kind)
	for i, name := range o.Attrs.Names {
		a, ok := k.Attr(name)
		if v := o.Attrs.Values[i]; ok && !a.Fact && v != "" && v != "f" {
			out = append(out, [2]string{name, v})
		}
	}
	return out
}

func (d *description) attrs(o *schema.Object) {
	for _, a := range d.shown(o) {
		d.text.whole(a[0], a[1])
	}
}

// columns writes a table of the columns, each with its type, and then what its
// own parts say: NOT NULL, the default, the comment.
func (d *description) columns(parts map[string][]*schema.Object) {
	columns := slices.Clone(parts["column"])
	if len(columns) == 0 {
		return
	}
	slices.SortStableFunc(columns, func(a, b *schema.Object) int { return a.Order - b.Order })
	rows := [][]string{{"column", "type", ""}}
	for _, c := range columns {
		row := []string{OneLine(c.Get("column")), OneLine(c.Get("type")), ""}
		var rest []string
		for _, a := range d.shown(c) {
			if a[0] != "type" {
				rest = append(rest, a[0]+" "+value(a[1]))
			}
		}
		own := d.parts(c.ID)
		for _, k := range d.kinds {
			for _, p := range own[k.Name] {
				rest = append(rest, d.brief(p))
			}
		}
		row[2] = strings.Join(rest, ", ")
		rows = append(rows, row)
	}
	d.text.line("")
	d.text.table(rows)
}

// brief says in a few words what an object is: its kind and what is set of it.
// Where a kind has several expressions, each is called by its name.
func (d *description) brief(o *schema.Object) string {
	var values []string
	k, expressions := d.kinds.Find(o.ID.Kind), 0
	for _, a := range k.Attrs {
		if a.Printed {
			expressions++
		}
	}
	for _, shown := range d.shown(o) {
		v := value(shown[1])
		a, _ := k.Attr(shown[0])
		switch {
		case v == "t":
			v = shown[0]
		case a.Printed && expressions > 1:
			v = shown[0] + " " + v
		}
		values = append(values, v)
	}
	return strings.TrimSpace(o.ID.Kind + " " + strings.Join(values, " "))
}

func (d *description) kind(k *schema.Kind, objects []*schema.Object) {
	d.text.line("\n%s", k.Name)
	for _, o := range objects {
		d.text.line("  %s  %s", OneLine(strings.TrimSuffix(o.ID.Name, " on "+o.Parent.Name)), strings.TrimPrefix(d.brief(o), k.Name+" "))
		for _, p := range d.parts(o.ID) {
			for _, part := range p {
				if text := d.brief(part); text != part.ID.Kind {
					d.text.line("      %s", text)
				}
			}
		}
	}
}

// referrers lists what else needs the object, or a part of it.
func (d *description) referrers(o *schema.Object) {
	own := map[schema.ID]bool{}
	for _, other := range d.snap.Objects {
		for at := other; at != nil; at = d.snap.Objects[at.Parent] {
			own[other.ID] = own[other.ID] || at.ID == o.ID
		}
	}
	first := true
	for _, other := range d.snap.Sorted() {
		if own[other.ID] || !slices.ContainsFunc(other.Needs, func(id schema.ID) bool { return own[id] }) {
			continue
		}
		if first {
			d.text.line("\nneeded by")
			first = false
		}
		d.text.line("  %s", OneLine(other.ID.String()))
	}
}

// table writes rows with their columns below each other.
func (t *text) table(rows [][]string) {
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "  %s%s", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		t.line("%s", line.String())
	}
}

// Tables lists the tables of a state, a line each.
func Tables(snap *schema.Snapshot) string {
	t := text{}
	rows := [][]string{{"table", "columns", "policies", "row security", "comment"}}
	for _, o := range snap.Sorted() {
		if o.ID.Kind != "table" {
			continue
		}
		count := map[string]int{}
		comment := ""
		for _, p := range snap.Objects {
			if p.Parent == o.ID {
				count[p.ID.Kind]++
				if p.ID.Kind == "comment" {
					comment = Shorten(p.Get("text"))
				}
			}
		}
		security := "off"
		if o.Is("row_security") {
			security = "on"
		}
		if o.Is("force_row_security") {
			security = "forced"
		}
		rows = append(rows, []string{OneLine(o.ID.Name), fmt.Sprint(count["column"]), fmt.Sprint(count["policy"]), security, comment})
	}
	t.table(rows)
	return t.out.String()
}
