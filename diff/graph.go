package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// A node is one action on one object, the smallest thing that is put in order.
type node struct {
	action Action
	id     schema.ID
	// host is the node that does this one's work: the CREATE TABLE that
	// holds a column, the DROP TABLE that takes one down. nil: none.
	host *node
	// before lists the nodes that must come first.
	before []*node
}

// top is the node whose statements do this one's work.
func (n *node) top() *node {
	for n.host != nil {
		n = n.host
	}
	return n
}

// A graph orders nodes. The rules, each a sentence:
//
//  1. A is dropped before it is created again; but what is set aside is
//     dropped after its successor is there.
//  2. A needed B: A is dropped, or lets go of B, before B is dropped.
//  3. A needed B: A is out of the way while B is altered, if B's change
//     demands it.
//  4. A needs B: B exists, as it will be, before A is created or altered.
//  5. A comes after the steps of those siblings that its kind names.
//  6. A gives up a name before B takes it.
//  7. What the server made by itself is changed after what it came with.
//
// The nodes are as small as can be, but work is first put together: a column
// into its CREATE TABLE, a policy into the DROP TABLE that takes it down. Only
// where that closes a circle is it taken apart again.
type graph struct {
	f                      *fates
	nodes                  []*node
	drops, alters, creates map[schema.ID]*node
}

func newGraph(f *fates) *graph {
	g := &graph{f: f, drops: map[schema.ID]*node{}, alters: map[schema.ID]*node{}, creates: map[schema.ID]*node{}}
	add := func(m map[schema.ID]*node, a Action, id schema.ID) {
		n := &node{action: a, id: id}
		m[id] = n
		g.nodes = append(g.nodes, n)
	}
	for id := range f.dropped {
		add(g.drops, Drop, id)
	}
	for id := range f.altered {
		add(g.alters, Alter, id)
	}
	for id := range f.created {
		add(g.creates, Create, id)
	}
	slices.SortFunc(g.nodes, g.compare)
	g.host()
	for _, n := range g.nodes {
		switch n.action {
		case Drop:
			g.linkDrop(n)
		case Alter:
			g.linkNeeds(n, f.altered[n.id].new)
		case Create:
			g.linkNeeds(n, f.created[n.id])
		}
		g.linkSiblings(n)
		g.linkImplied(n)
	}
	g.linkNames()
	return g
}

// host puts each node's work into another's where a statement can do both.
func (g *graph) host() {
	for _, n := range g.nodes {
		switch n.action {
		case Drop:
			n.host = g.taker(n.id)
		case Create:
			n.host = g.holder(n.id)
		}
	}
}

// taker is the drop that takes id down, its parent's before any other.
func (g *graph) taker(id schema.ID) *node {
	if g.f.implied[id] != nil {
		return nil
	}
	o := g.f.dropped[id]
	if d := g.drops[o.Parent]; d != nil {
		return d
	}
	for _, w := range o.With {
		if d := g.drops[w]; d != nil {
			return d
		}
	}
	return nil
}

// holder is the create that can hold id's.
func (g *graph) holder(id schema.ID) *node {
	o, k := g.f.created[id], g.f.kinds[id.Kind]
	parent := g.creates[o.Parent]
	if parent == nil || !slices.Contains(k.Inside, o.Parent.Kind) || k.CanInside != nil && !k.CanInside(o) {
		return nil
	}
	return parent
}

// linkDrop adds rules 1, 2 and 3 for a dropped object.
func (g *graph) linkDrop(n *node) {
	if c := g.creates[n.id]; c != nil && g.f.implied[n.id] == nil {
		switch {
		case g.f.setAside(n.id):
			n.before = append(n.before, c)
		case !g.f.setAside(n.top().id):
			c.before = append(c.before, n)
		}
	}
	if g.f.implied[n.id] != nil {
		return
	}
	for _, d := range g.f.dependents[n.id] {
		gone := g.drops[d]
		if gone == nil {
			gone = g.alters[d]
		}
		if gone == nil {
			continue
		}
		n.before = append(n.before, gone)
		if c := g.creates[n.id]; c != nil && gone.action == Drop && g.f.setAside(n.id) && !g.f.setAside(gone.top().id) {
			c.before = append(c.before, gone)
		}
	}
	for _, b := range g.f.blocked[n.id] {
		if a := g.alters[b]; a != nil {
			a.before = append(a.before, n)
		}
	}
}

// linkNeeds adds rule 4 for an object that is created or altered.
func (g *graph) linkNeeds(n *node, o *schema.Object) {
	link := func(id schema.ID) {
		if b := g.creates[id]; b != nil {
			n.before = append(n.before, b)
		}
		if b := g.alters[id]; b != nil {
			n.before = append(n.before, b)
		}
	}
	for _, id := range o.Needs {
		link(id)
	}
	if !o.Parent.IsZero() && !slices.Contains(o.Needs, o.Parent) {
		link(o.Parent)
	}
}

// linkSiblings adds rule 5.
func (g *graph) linkSiblings(n *node) {
	k := g.f.kinds[n.id.Kind]
	if len(k.After) == 0 {
		return
	}
	o := g.f.to.Objects[n.id]
	if o == nil {
		o = g.f.from.Objects[n.id]
	}
	if o == nil {
		o = g.f.implied[n.id]
	}
	for _, kind := range k.After {
		for _, sibling := range g.siblings(o.Parent, kind) {
			n.before = append(n.before, sibling)
		}
	}
}

// siblings lists the nodes of a kind that hang on a parent, but for drops.
func (g *graph) siblings(parent schema.ID, kind string) []*node {
	id := schema.ID{Kind: kind, Name: "on " + parent.String()}
	var out []*node
	for _, n := range []*node{g.creates[id], g.alters[id]} {
		if n != nil {
			out = append(out, n)
		}
	}
	if d := g.drops[id]; d != nil && d.host == nil {
		out = append(out, d)
	}
	return out
}

// linkImplied adds rule 7.
func (g *graph) linkImplied(n *node) {
	made := g.f.implied[n.id]
	if made == nil {
		return
	}
	if c := g.creates[made.Parent]; c != nil {
		n.before = append(n.before, c)
	}
}

// linkNames adds rule 6.
func (g *graph) linkNames() {
	giver := map[string]*node{}
	for _, n := range g.nodes {
		if n.action == Drop {
			for _, name := range g.names(n.id, g.f.dropped[n.id]) {
				giver[name] = n
			}
		}
	}
	for _, n := range g.nodes {
		if n.action != Create {
			continue
		}
		for _, name := range g.names(n.id, g.f.created[n.id]) {
			if d := giver[name]; d != nil && d.id != n.id {
				n.before = append(n.before, d)
			}
		}
	}
}

func (g *graph) names(id schema.ID, o *schema.Object) []string {
	if f := g.f.kinds[id.Kind].Names; f != nil {
		return f(o)
	}
	return nil
}
