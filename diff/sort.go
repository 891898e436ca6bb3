package diff

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// A group is a node together with those whose work it does, itself first.
type group []*node

// sort orders the groups: Kahn's algorithm, ties broken by compare. Where the
// groups form a circle, what had only better come first on it need not; then the
// hosted nodes on it are taken out of their hosts; if there are none, a stub goes
// first. It returns the circles that are left.
func (g *graph) sort() (order []group, circles [][]*node) {
	for {
		groups, after := g.groups()
		order, rest := kahn(groups, after, g.compare)
		if len(rest) == 0 {
			return order, nil
		}
		circle := cycleOf(rest, after)
		if !g.forgo(circle) && !g.loosen(circle) && !g.stub(circle) {
			return nil, circle
		}
	}
}

// groups puts nodes together with their hosts, and says which groups must come
// before which.
func (g *graph) groups() (map[*node]group, map[*node]map[*node]bool) {
	groups := map[*node]group{}
	for _, n := range g.nodes {
		if n.host == nil {
			groups[n] = group{n}
		}
	}
	after := map[*node]map[*node]bool{}
	for _, n := range g.nodes {
		top := n.top()
		if top != n {
			groups[top] = append(groups[top], n)
		}
		for _, b := range slices.Concat(n.before, n.rather) {
			if first := b.top(); first != top {
				if after[first] == nil {
					after[first] = map[*node]bool{}
				}
				after[first][top] = true
			}
		}
	}
	return groups, after
}

// kahn takes groups in order as their predecessors are done; what is on or
// behind a circle is left over.
func kahn(groups map[*node]group, after map[*node]map[*node]bool, compare func(a, b *node) int) (order []group, rest map[*node]group) {
	waiting := map[*node]int{}
	for _, next := range after {
		for n := range next {
			waiting[n]++
		}
	}
	ready := &queue{compare: compare}
	for n := range groups {
		if waiting[n] == 0 {
			ready.nodes = append(ready.nodes, n)
		}
	}
	heap.Init(ready)
	rest = groups
	for ready.Len() > 0 {
		n := heap.Pop(ready).(*node)
		order = append(order, groups[n])
		delete(rest, n)
		for next := range after[n] {
			if waiting[next]--; waiting[next] == 0 {
				heap.Push(ready, next)
			}
		}
	}
	return order, rest
}

// A queue holds the nodes that are ready, the first by compare on top.
type queue struct {
	nodes   []*node
	compare func(a, b *node) int
}

func (q *queue) Len() int           { return len(q.nodes) }
func (q *queue) Less(i, j int) bool { return q.compare(q.nodes[i], q.nodes[j]) < 0 }
func (q *queue) Swap(i, j int)      { q.nodes[i], q.nodes[j] = q.nodes[j], q.nodes[i] }
func (q *queue) Push(x any)         { q.nodes = append(q.nodes, x.(*node)) }
func (q *queue) Pop() any {
	last := len(q.nodes) - 1
	n := q.nodes[last]
	q.nodes = q.nodes[:last]
	return n
}

// compare prefers what stops acting on the rest; then drops, later kinds first;
// then the objects one after the other, each with what belongs to it; and only
// then, when nothing else is ready, the kinds that come last.
func (g *graph) compare(a, b *node) int {
	if d := cmp.Compare(g.turn(a), g.turn(b)); d != 0 {
		return d
	}
	if d := cmp.Compare(boolInt(a.action != Drop), boolInt(b.action != Drop)); d != 0 {
		return d
	}
	down := 1
	if a.action == Drop {
		down = -1
	}
	return cmp.Or(
		down*cmp.Compare(a.rootRank, b.rootRank),
		cmp.Compare(a.root.Name, b.root.Name),
		down*cmp.Compare(a.rank, b.rank),
		cmp.Compare(a.order, b.order),
		cmp.Compare(a.id.Name, b.id.Name),
		cmp.Compare(a.action, b.action),
	)
}

// turn is when a node has its turn among those that are ready.
func (g *graph) turn(n *node) int {
	k := g.f.kinds[n.id.Kind]
	if k.Stops != nil && n.action != Create && k.Stops(g.sides(n)) {
		return -1
	}
	return boolInt(k.Last)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// object finds an object in the state wanted, else in the one before.
func (g *graph) object(id schema.ID) *schema.Object {
	if o := g.f.to.Objects[id]; o != nil {
		return o
	}
	if o := g.f.from.Objects[id]; o != nil {
		return o
	}
	return g.f.implied[id]
}

func (g *graph) order(id schema.ID) int {
	if o := g.object(id); o != nil {
		return o.Order
	}
	return 0
}

// root is the outermost object that id is a part of.
func (g *graph) root(id schema.ID) schema.ID {
	for {
		o := g.object(id)
		if o == nil || o.Parent.IsZero() {
			return id
		}
		id = o.Parent
	}
}

// cycleOf finds the groups that are on a circle, in order, among those that
// kahn left over: each strongly connected component of more than one group.
func cycleOf(rest map[*node]group, after map[*node]map[*node]bool) [][]*node {
	t := &tarjan{after: after, rest: rest, index: map[*node]int{}, low: map[*node]int{}, on: map[*node]bool{}}
	for n := range rest {
		if t.index[n] == 0 {
			t.visit(n)
		}
	}
	var out [][]*node
	for _, c := range t.components {
		var members []*node
		for _, n := range c {
			members = append(members, rest[n]...)
		}
		out = append(out, members)
	}
	return out
}

// tarjan finds strongly connected components.
type tarjan struct {
	after      map[*node]map[*node]bool
	rest       map[*node]group
	index, low map[*node]int
	on         map[*node]bool
	stack      []*node
	components [][]*node
}

func (t *tarjan) visit(n *node) {
	t.index[n] = len(t.index) + 1
	t.low[n] = t.index[n]
	t.stack = append(t.stack, n)
	t.on[n] = true
	for next := range t.after[n] {
		if t.rest[next] == nil {
			continue
		}
		if t.index[next] == 0 {
			t.visit(next)
			t.low[n] = min(t.low[n], t.low[next])
		} else if t.on[next] {
			t.low[n] = min(t.low[n], t.index[next])
		}
	}
	if t.low[n] != t.index[n] {
		return
	}
	i := slices.Index(t.stack, n)
	component := slices.Clone(t.stack[i:])
	t.stack = t.stack[:i]
	for _, m := range component {
		t.on[m] = false
	}
	if len(component) > 1 {
		t.components = append(t.components, component)
	}
}

// forgo gives up, on each circle, what had only better come first there. It
// reports whether there was any.
func (g *graph) forgo(circles [][]*node) bool {
	found := false
	for _, members := range circles {
		for _, m := range members {
			kept := slices.DeleteFunc(slices.Clone(m.rather), func(b *node) bool { return slices.Contains(members, b) })
			found = found || len(kept) < len(m.rather)
			m.rather = kept
		}
	}
	return found
}

// loosen takes hosted nodes on a circle out of their hosts: those that depend
// on something in another group of the circle or, if there are none, those
// that something depends on. It reports whether there were any.
func (g *graph) loosen(circles [][]*node) bool {
	found := false
	for _, members := range circles {
		dependent, needed := edges(members)
		found = release(g.loosest(dependent)) || release(g.loosest(needed)) || found
	}
	return found
}

// loosest lists the hosted nodes of the kind that comes last: a table is made
// without its foreign key rather than without its columns, and without the tie
// that gives it columns only if there is nothing else.
func (g *graph) loosest(nodes []*node) []*node {
	place := func(n *node) int {
		if g.f.kinds[n.id.Kind].Tie {
			return 0
		}
		return n.rank + 1
	}
	last := -1
	for _, n := range nodes {
		if n.host != nil {
			last = max(last, place(n))
		}
	}
	return slices.DeleteFunc(nodes, func(n *node) bool { return place(n) != last })
}

// edges lists the ends of the edges between the groups of a circle.
func edges(members []*node) (dependent, needed []*node) {
	in := map[*node]bool{}
	for _, m := range members {
		in[m] = true
	}
	for _, m := range members {
		for _, b := range m.before {
			switch {
			case !in[b] || b.top() == m.top():
			case m.action == Drop || b.action == Drop: // what goes can go earlier by itself
				dependent, needed = append(dependent, b), append(needed, m)
			default:
				dependent, needed = append(dependent, m), append(needed, b)
			}
		}
	}
	return dependent, needed
}

// release takes nodes out of their hosts.
func release(nodes []*node) bool {
	found := false
	for _, n := range nodes {
		if n.host != nil {
			n.host, found = nil, true
		}
	}
	return found
}

func circleError(circles [][]*node) error {
	var names []string
	for _, c := range circles {
		for _, n := range c {
			if n.host == nil {
				names = append(names, string(n.action)+" "+n.id.String())
			}
		}
	}
	slices.Sort(names)
	return fmt.Errorf("these steps need each other in a circle: %s", strings.Join(names, "; "))
}
