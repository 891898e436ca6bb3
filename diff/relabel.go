package diff

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// labels reports whether the server may label a column of a subquery with the name
// that it had when the text was parsed: where it stands alone in the list of one.
// The first list of a query says what its own columns are called.
func labels(text, word string) bool {
	if list, ok := strings.CutPrefix(text, "SELECT "); ok {
		i, j := strings.Index(list, "\n   FROM "), strings.Index(list, "SELECT ")
		switch {
		case j < 0:
			return false
		case i >= 0:
			text = list[min(i, j):]
		}
	}
	if !strings.Contains(text, "SELECT ") {
		return false
	}
	for _, end := range []string{",", "\n"} {
		if replaceName(text, word+end, "") != text {
			return true
		}
	}
	return labelsValue(text, word)
}

// labelsValue reports whether it may be that of a subquery of that column alone,
// without FROM.
func labelsValue(text, word string) bool {
	for _, list := range strings.Split(text, "SELECT ")[1:] {
		column, _, ok := strings.Cut(list, ")")
		if ok && !strings.ContainsAny(column, " ,(\n") && replaceName(column, word, "") != column {
			return true
		}
	}
	return false
}

// relabel gives an object the wanted texts where nothing but the names of its
// numbered parts was another in them, and all of these are as wanted.
func (m *renamer) relabel(k *schema.Kind, o, out, wanted *schema.Object) {
	for _, a := range k.Attrs {
		if a.Relabels == nil || wanted == nil || !a.Relabels(out, wanted) || !m.named(o) {
			continue
		}
		for i, name := range out.Attrs.Names {
			if b, _ := k.Attr(name); b.Fact || name == a.Name {
				out.Attrs.Values[i] = wanted.Get(name)
			}
		}
	}
}

// named reports whether all numbered parts of an object have names that are wanted.
func (m *renamer) named(o *schema.Object) bool {
	for id, p := range m.s.Objects {
		if p.Parent == o.ID && numbered(p) && m.to.Objects[m.id(id)] == nil {
			return false
		}
	}
	return true
}
