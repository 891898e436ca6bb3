package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// linkNames adds rule 6.
func (g *graph) linkNames() {
	giver := map[string]*node{}
	for _, n := range g.nodes {
		old, now := g.sides(n)
		for _, name := range g.f.namesBut(old, now) {
			giver[name] = n
		}
	}
	for _, n := range g.nodes {
		old, now := g.sides(n)
		for _, name := range g.f.namesBut(now, old) {
			if d := giver[name]; d != nil && d.id != n.id && !(d.action == Drop && g.f.setAside(d.id)) {
				n.before = append(n.before, d)
			}
		}
	}
}

// sides are a node's object before it and after it, nil for none.
func (g *graph) sides(n *node) (old, now *schema.Object) {
	switch n.action {
	case Drop:
		return g.f.dropped[n.id], nil
	case Alter:
		return g.f.altered[n.id].old, g.f.altered[n.id].new
	}
	return nil, g.f.created[n.id]
}

// namesBut lists the names of an object that another does not take.
func (f *fates) namesBut(o, other *schema.Object) []string {
	if o == nil || other == nil {
		return f.names(o)
	}
	taken := f.names(other)
	return slices.DeleteFunc(f.names(o), func(name string) bool { return slices.Contains(taken, name) })
}
