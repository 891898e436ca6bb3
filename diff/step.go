package diff

import (
	"cmp"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// step writes the statements of a group.
func (f *fates) step(g group) Step {
	n := g[0]
	s := Step{Action: n.action, ID: n.id, Because: f.because[n.id]}
	for _, m := range g[1:] {
		s.Takes = append(s.Takes, m.id)
	}
	for _, m := range g {
		for _, b := range m.before {
			if b.top() != n && !slices.Contains(s.After, b.top().id) {
				s.After = append(s.After, b.top().id)
			}
		}
	}
	k := f.kinds[n.id.Kind]
	switch n.action {
	case Drop:
		s.SQL = f.dropSQL(k, n.id)
		s.Loses = f.loses(g)
	case Alter:
		s.SQL, s.Alone = f.altered[n.id].sql, f.altered[n.id].alone
	case Create:
		if f.setAside(n.id) {
			s.SQL = k.Aside(f.dropped[n.id])
		}
		s.SQL = append(slices.Clone(s.SQL), k.Create(f.built(n.id, g[1:]))...)
	}
	return s
}

func (f *fates) dropSQL(k *schema.Kind, id schema.ID) []string {
	if f.setAside(id) {
		return k.DropAside(f.dropped[id])
	}
	return k.DropOf(f.dropped[id])
}

// loses lists the objects of a drop whose rows are lost, but for those whose
// parent says it already.
func (f *fates) loses(g group) []schema.ID {
	var out []schema.ID
	for _, n := range g {
		loses := f.kinds[n.id.Kind].Loses
		if loses != nil && loses(f.dropped[n.id]) && !slices.Contains(out, f.dropped[n.id].Parent) {
			out = append(out, n.id)
		}
	}
	return out
}

// built is an object with those of parts that belong to it, in order.
func (f *fates) built(id schema.ID, parts []*node) schema.Built {
	b := schema.Built{Object: f.created[id]}
	for _, p := range parts {
		if p.host.id == id {
			b.Parts = append(b.Parts, f.built(p.id, parts))
		}
	}
	slices.SortFunc(b.Parts, func(a, c schema.Built) int {
		return cmp.Or(
			cmp.Compare(f.rank[a.ID.Kind], f.rank[c.ID.Kind]),
			cmp.Compare(a.Order, c.Order),
			cmp.Compare(a.ID.Name, c.ID.Name),
		)
	})
	return b
}
