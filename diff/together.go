package diff

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// together is the first alteration that n's is run as one with, n's own if
// there is none before it.
func (g *graph) together(n *node, first map[string]*node) *node {
	a := g.f.altered[n.id]
	if a.alone || a.guess != "" {
		return nil // it has more to say than the statements
	}
	for _, sql := range a.sql {
		begin := g.f.together(n.id, sql)
		switch {
		case begin == "":
		case first[begin] == nil:
			first[begin] = n
		default:
			return first[begin]
		}
	}
	return nil
}

// alteredTogether writes the alterations of a group: what comes before those
// statements that are run as one, these, and what comes after.
func (f *fates) alteredTogether(g group) []string {
	var before, after []string
	one := ""
	for _, n := range g {
		list := &before
		for _, sql := range f.altered[n.id].sql {
			begin := f.together(n.id, sql)
			switch {
			case begin == "":
				*list = append(*list, sql)
				continue
			case one == "":
				one = sql
			default:
				one += ",\n    " + strings.TrimPrefix(sql, begin)
			}
			list = &after
		}
	}
	if one != "" {
		before = append(before, one)
	}
	return append(before, after...)
}

// together is how a statement begins that is run as one with others.
func (f *fates) together(id schema.ID, sql string) string {
	if t := f.kinds[id.Kind].Together; t != nil {
		return t(f.altered[id].new, sql)
	}
	return ""
}
