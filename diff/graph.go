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
	// before lists the nodes that must come first, and rather those that had
	// better, where that closes no circle.
	before, rather []*node
	// root is the outermost object that id is a part of; rootRank and rank
	// are the places of their kinds, and order is the object's: see compare.
	root                  schema.ID
	rootRank, rank, order int
	// stub is the node that makes a stand-in of the object before this one,
	// and stubOf, set there, is this one.
	stub, stubOf *node
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
//  3. A needed B and is dropped: A is out of the way before B is altered; what
//     is set aside only where it stands in the way.
//  4. A needs B: B exists, as it will be, before A is created or altered; but a
//     mirror that leads is created before what it mirrors.
//  5. A comes after the steps of those objects that its kind names; when it
//     is dropped, before them.
//  6. A gives up a name before B takes it.
//  7. What the server made by itself is changed after what it came with.
//  8. A tie is made after the changes to the parts of both sides, but for what
//     it brings along and what its kind wants to be passed on later. One that is
//     dropped for good, or with its object, goes before them; one that is made
//     anew is dropped after those of the side that passes them on, but for what
//     it is undone to keep from its child or what that has by itself already,
//     and before what it holds. Of an object that may have several, the new one
//     is rather made before the old is dropped.
//  9. What passes a change on to a mirror does so while the mirror repeats
//     nothing else: another original goes before, or comes after.
//  10. What takes names along does so before all steps of what relies on it,
//     whose statements have the new names.
//  11. What would be taken for a mirror is made after it, after what that
//     repeats, and after the tie.
//  12. What counts rows is made after the ties that bring some from what is there.
//
// The nodes are as small as can be, but work is first put together: a column
// into its CREATE TABLE, a policy into the DROP TABLE that takes it down. Only
// where that closes a circle is it taken apart again; where nothing is left to
// take apart, a stub stands in for an object; and where there is none, something
// that would be altered is made anew.
type graph struct {
	f                      *fates
	nodes                  []*node
	drops, alters, creates map[schema.ID]*node
	// untied holds, by side, the drops of the ties to it; tied, by child, the
	// creates of its own; and bring, by what children that are there are tied to,
	// the creates of these ties.
	untied, tied, bring map[schema.ID][]*node
	// parts holds, by ancestor, the nodes of the parts that can be mirrors.
	parts map[schema.ID][]*node
}

func newGraph(f *fates) *graph {
	g := &graph{f: f, drops: map[schema.ID]*node{}, alters: map[schema.ID]*node{}, creates: map[schema.ID]*node{}, parts: map[schema.ID][]*node{}, untied: map[schema.ID][]*node{}, tied: map[schema.ID][]*node{}, bring: map[schema.ID][]*node{}}
	add := func(m map[schema.ID]*node, a Action, id schema.ID) {
		n := &node{action: a, id: id, root: g.root(id), rank: f.rank[id.Kind], order: g.order(id)}
		n.rootRank = f.rank[n.root.Kind]
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
		g.noteTie(n)
		if o := g.object(n.id); f.kinds[n.id.Kind].Mirror != nil {
			for ; o != nil && !o.Parent.IsZero(); o = g.object(o.Parent) {
				g.parts[o.Parent] = append(g.parts[o.Parent], n)
			}
		}
	}
	for _, n := range g.nodes {
		switch n.action {
		case Drop:
			g.linkDrop(n)
		case Alter:
			g.linkNeeds(n, f.altered[n.id].new)
		case Create:
			g.linkNeeds(n, f.created[n.id])
			if f.kinds[n.id.Kind].Counts {
				n.before = append(n.before, g.bring[outer(f.to, f.created[n.id])]...)
			}
		}
		if g.f.parked(n.id) {
			g.linkParked(n)
		}
		g.linkAfter(n)
		g.linkImplied(n)
		g.linkTie(n)
		g.linkShared(n)
		g.linkTaken(n)
	}
	g.linkNames()
	g.linkMoves()
	return g
}

// noteTie notes a tie that is made or undone, by what it ties.
func (g *graph) noteTie(n *node) {
	switch tie := g.f.kinds[n.id.Kind].Tie; {
	case tie && n.action == Drop:
		for _, side := range g.f.dropped[n.id].Needs {
			g.untied[side] = append(g.untied[side], n)
		}
	case tie && n.action == Create:
		o := g.f.created[n.id]
		g.tied[o.Parent] = append(g.tied[o.Parent], n)
		if g.f.created[o.Parent] != nil {
			return
		}
		for _, side := range o.Needs {
			g.bring[side] = append(g.bring[side], n)
		}
	}
}

// linkMoves adds rule 10.
func (g *graph) linkMoves() {
	for id, n := range g.alters {
		if a := g.f.altered[id]; len(movesOf(a.old, a.new, g.f.kinds[id.Kind])) == 0 {
			continue
		}
		of := reliant(g.f.from, id)
		for _, m := range g.nodes {
			if of[m.id] || of[m.root] {
				m.before = append(m.before, n)
			}
		}
	}
}

// linkDrop adds rules 1, 2 and 3 for a dropped object.
func (g *graph) linkDrop(n *node) {
	if g.f.implied[n.id] != nil {
		return
	}
	heir := g.creates[g.f.heir(n.id)]
	switch {
	case heir == nil:
	case g.f.setAside(n.id):
		n.before = append(n.before, heir)
	case !g.f.setAside(n.top().id):
		heir.before = append(heir.before, n)
	}
	for _, d := range g.f.dependents[n.id] {
		gone := g.drops[d]
		if again := g.creates[d]; again != nil && gone != nil && !g.f.setAside(n.top().id) && !g.f.setAside(gone.top().id) {
			again.before = append(again.before, n) // lest the server find it once more
		}
		if gone == nil {
			gone = g.alters[d]
		}
		if gone == nil || g.f.implied[d] != nil {
			continue // what is implied hangs on the successor
		}
		if o := g.f.from.Objects[d]; d.Kind == n.id.Kind && g.f.mirror(o) != schema.Own {
			if gone.action == Alter {
				continue // a mirror lets go by itself
			}
			if g.f.staysBehind(o) && gone.top().id != outer(g.f.from, o) { // else it goes with its table
				gone.before = append(gone.before, n)
				continue
			}
		}
		n.before = append(n.before, gone)
		if heir != nil && gone.action == Drop && g.f.setAside(n.id) && !g.f.setAside(gone.top().id) {
			heir.before = append(heir.before, gone)
		}
	}
	away := g.f.blocked[n.id]
	if !g.f.kinds[n.id.Kind].Tie && !g.f.setAside(n.top().id) { // else see rule 8; and a successor waits for the changes
		away = slices.Concat(away, g.f.dropped[n.id].Needs, g.f.dropped[n.id].With)
	}
	for _, b := range away {
		switch a := g.alters[b]; {
		case a == nil:
		case len(movesOf(g.f.altered[b].old, g.f.altered[b].new, g.f.kinds[b.Kind])) > 0:
			// see rule 10
		default:
			a.before = append(a.before, n)
		}
		for _, m := range []*node{g.drops[b], g.creates[b]} {
			if m != nil && g.f.pried[b] {
				m.before = append(m.before, n)
			}
		}
	}
}

// linkNeeds adds rule 4 for an object that is created or altered.
func (g *graph) linkNeeds(n *node, o *schema.Object) {
	link := func(id schema.ID) {
		switch b := g.creates[id]; {
		case b == nil:
		case n.host != nil && g.comesWith(b, n.host):
			n.before = append(n.before, g.tied[n.host.id]...)
		default:
			n.before = append(n.before, b)
		}
		if b := g.alters[id]; b != nil {
			n.before = append(n.before, b)
		}
	}
	leads := n.action == Create && g.f.leads(o)
	for _, id := range o.Needs {
		if c := g.creates[id]; leads && c != nil && id.Kind == n.id.Kind {
			c.before = append(c.before, n)
		} else {
			link(id)
		}
	}
	if !o.Parent.IsZero() && !slices.Contains(o.Needs, o.Parent) {
		link(o.Parent)
	}
	if n.action == Create {
		g.linkRoots(n, o)
	}
}

// linkRoots puts the creation of an object after the changes to what it needs
// a part of.
func (g *graph) linkRoots(n *node, o *schema.Object) {
	for _, id := range o.Needs {
		if root := g.root(id); root != id && root != n.root {
			if a := g.alters[root]; a != nil {
				n.before = append(n.before, a)
			}
		}
	}
}

// linkAfter adds rule 5.
func (g *graph) linkAfter(n *node) {
	after := g.f.kinds[n.id.Kind].After
	if after == nil || n.action == Drop && n.host != nil {
		return
	}
	for _, id := range after(g.f.acted(n)) {
		for _, m := range []*node{g.drops[id], g.alters[id], g.creates[id]} {
			switch {
			case m == nil || m.action == Drop && m.host != nil:
			case n.action == Drop:
				m.before = append(m.before, n)
			default:
				n.before = append(n.before, m)
			}
		}
	}
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
