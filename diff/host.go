package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// host puts each node's work into another's where a statement can do both.
func (g *graph) host() {
	first := map[string]*node{}
	for _, n := range g.nodes {
		switch n.action {
		case Drop:
			n.host = g.taker(n.id)
		case Create:
			n.host = g.holder(n.id)
		case Alter:
			n.host = g.together(n, first)
		}
	}
	for _, n := range g.nodes {
		if n.action == Create && n.host == nil {
			g.adopt(n)
		}
	}
}

// adopt finds the drop of what n can be made of, and does its work in n's; what
// hung on that goes by itself.
func (g *graph) adopt(n *node) {
	for _, d := range g.nodes {
		if d.action != Drop || d.host != nil || g.f.adopt(d.id, n.id) == nil {
			continue
		}
		d.host = n
		for _, m := range g.nodes {
			if m.host == d {
				m.host = nil
			}
		}
		return
	}
}

// taker is the drop that takes id down, its parent's before any other.
func (g *graph) taker(id schema.ID) *node {
	if g.f.implied[id] != nil {
		return nil
	}
	o := g.f.dropped[id]
	if g.f.parked(id) {
		return nil
	}
	if d := g.drops[o.Parent]; d != nil && !g.f.parked(d.id) {
		return d
	}
	if g.f.mirror(o) != schema.Own && g.f.untied(o) {
		return nil
	}
	var out *node
	for _, w := range o.With {
		if d := g.drops[w]; d != nil && !g.f.parked(w) && (out == nil || schema.CompareIDs(w, out.id) < 0) {
			out = d
		}
	}
	return out
}

// holder is the create that can hold id's: its parent's, or that of the child
// which has its parent from a tie.
func (g *graph) holder(id schema.ID) *node {
	o, k := g.f.created[id], g.f.kinds[id.Kind]
	parent := g.creates[o.Parent]
	if parent != nil {
		if child := g.creates[g.f.created[parent.id].Parent]; child != nil && g.comesWith(parent, child) && g.holder(parent.id) == nil {
			parent = child
		}
	}
	if parent == nil || g.f.parked(parent.id) || k.Tie && g.f.apart[o.Parent] || !slices.Contains(k.Inside, parent.id.Kind) || k.CanInside != nil && !k.CanInside(o) && !g.f.leads(g.f.created[o.Parent]) {
		return nil
	}
	return parent
}

// comesWith reports whether a new child has a part from its ties, so that what is
// put into its creation can use it there.
func (g *graph) comesWith(part, child *node) bool {
	o := g.f.created[part.id]
	return part.host == nil && o.Parent == child.id && g.f.mirror(o) == schema.Demanded && g.f.tied(o)
}
