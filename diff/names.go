package diff

import "slices"

// linkNames adds rule 6.
func (g *graph) linkNames() {
	giver := map[string]*node{}
	for _, n := range g.nodes {
		for _, name := range g.gives(n) {
			giver[name] = n
		}
	}
	for _, n := range g.nodes {
		for _, name := range g.takes(n) {
			if d := giver[name]; d != nil && d.id != n.id && !(d.action == Drop && g.f.setAside(d.id)) {
				n.before = append(n.before, d)
			}
		}
	}
}

// gives lists the names that a node gives up.
func (g *graph) gives(n *node) []string {
	switch n.action {
	case Drop:
		return g.f.names(g.f.dropped[n.id])
	case Alter:
		return except(g.f.names(g.f.altered[n.id].old), g.f.names(g.f.altered[n.id].new))
	}
	return nil
}

// takes lists the names that a node takes.
func (g *graph) takes(n *node) []string {
	switch n.action {
	case Create:
		return g.f.names(g.f.created[n.id])
	case Alter:
		return except(g.f.names(g.f.altered[n.id].new), g.f.names(g.f.altered[n.id].old))
	}
	return nil
}

// except lists the names that others lacks.
func except(names, others []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(others, name) })
}
