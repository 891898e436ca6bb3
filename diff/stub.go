package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// stub breaks each circle that nothing hosted is on, as that of a view and a
// function which use each other: a stub of one of its objects comes first, and
// whatever else on the circle waits for the object waits for the stub instead.
// It reports whether it broke any.
func (g *graph) stub(circles [][]*node) bool {
	found := false
	for _, members := range circles {
		slices.SortFunc(members, g.compare)
		if i := slices.IndexFunc(members, g.stubbable); i >= 0 {
			g.addStub(members[i], members)
			found = true
		}
	}
	return found
}

// stubbable reports whether the object of a node can have a stub, and has none.
func (g *graph) stubbable(n *node) bool {
	k := g.f.kinds[n.id.Kind]
	return n.host == nil && n.stub == nil && n.stubOf == nil && k.Stub != nil && len(k.Stub(g.f.acted(n))) > 0
}

// addStub puts the stub of n first on a circle.
func (g *graph) addStub(n *node, circle []*node) {
	on := map[*node]bool{}
	for _, m := range circle {
		on[m] = true
	}
	s := &node{action: n.action, id: n.id, root: n.root, rootRank: n.rootRank, rank: n.rank, order: n.order, stubOf: n}
	if n.action == Drop {
		s.action = Alter
	} else {
		for _, b := range n.before {
			if !on[b] {
				s.before = append(s.before, b)
			}
		}
	}
	for _, m := range circle {
		for i, b := range m.before {
			if b == n {
				m.before[i] = s
			}
		}
	}
	n.stub = s
	n.before = append(n.before, s)
	g.nodes = append(g.nodes, s)
}

// acted is the object that a node acts on.
func (f *fates) acted(n *node) *schema.Object {
	switch n.action {
	case Drop:
		return f.dropped[n.id]
	case Alter:
		return f.altered[n.id].new
	}
	return f.created[n.id]
}
