package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// linkTie adds rule 8.
func (g *graph) linkTie(n *node) {
	if !g.f.kinds[n.id.Kind].Tie {
		return
	}
	switch n.action {
	case Create:
		o := g.f.created[n.id]
		for _, side := range o.Needs {
			g.linkTieCreate(n, side)
			n.before = append(n.before, g.untied[side]...)
		}
		if n.host == nil { // else the new table has what the tie demands
			g.linkTieCreate(n, o.Parent)
		}
	case Drop:
		o := g.f.dropped[n.id]
		again := g.creates[n.id] != nil && g.drops[o.Parent] == nil &&
			!slices.ContainsFunc(o.Needs, func(side schema.ID) bool { return !g.f.tie(g.f.to, o.Parent, side) })
		for _, side := range o.Needs {
			g.linkTieDrop(n, side, again)
		}
		if !again {
			g.linkTieDrop(n, o.Parent, again)
		}
		if g.f.kinds[n.id.Kind].Several && n.host == nil && g.creates[n.id] == nil {
			n.rather = append(n.rather, g.tied[o.Parent]...)
		}
	}
}

// frees reports whether a change of a child's part needs no tie to be undone, or
// none to be made, where there may be several: what is new was none of an old
// tie's, and what goes for good is none of a new one's.
func (g *graph) frees(p, tie *node) bool {
	return g.f.kinds[tie.id.Kind].Several && p.action != tie.action && p.action != Alter && (g.drops[p.id] == nil || g.creates[p.id] == nil)
}

// linkTieCreate puts a new tie after the changes to the parts of a side, but
// before what it brings along, what needs that, and what is to be passed on later.
func (g *graph) linkTieCreate(n *node, side schema.ID) {
	child := g.f.created[n.id].Parent
	for _, p := range g.parts[side] {
		o := g.f.created[p.id]
		if side == child && g.frees(p, n) {
			continue
		}
		if p.action == Create && (side == child && (g.f.mirror(o) == schema.Brought || len(g.f.taken(o)) > 0) || g.late(p, child) || side != child && g.needsBrought(o)) {
			p.before = append(p.before, n)
		} else {
			n.before = append(n.before, p)
		}
	}
}

// needsBrought reports whether a new part needs what another object has from a
// tie, as a foreign key does each partition's part of a key, or repeats one that does.
func (g *graph) needsBrought(o *schema.Object) bool {
	return slices.ContainsFunc(o.Needs, func(id schema.ID) bool {
		root := g.root(id)
		switch {
		case g.creates[id] == nil || root == g.root(o.ID):
			return false
		case id.Kind == o.ID.Kind:
			return g.needsBrought(g.f.created[id])
		}
		return len(g.f.ties(g.f.to)[root]) > 0
	})
}

// late reports whether a new part, what it is a part of, or what it mirrors in a
// child, is passed to the child after the tie.
func (g *graph) late(p *node, child schema.ID) bool {
	late := g.f.kinds[p.id.Kind].Late
	if late == nil {
		outer := g.creates[g.f.created[p.id].Parent]
		return outer != nil && g.late(outer, child)
	}
	if o := g.f.created[p.id]; o.Parent == child {
		return slices.ContainsFunc(o.Needs, func(id schema.ID) bool {
			part := g.f.created[id]
			return part != nil && id.Kind == p.id.Kind && late(part, o)
		})
	}
	return late(g.f.created[p.id], nil) || slices.ContainsFunc(g.parts[child], func(m *node) bool {
		mirror := g.f.created[m.id]
		return m.action == Create && m.id.Kind == p.id.Kind && slices.Contains(mirror.Needs, p.id) && late(g.f.created[p.id], mirror)
	})
}

// linkTieDrop puts a tie's drop after the changes to the parts of a side, if
// it is made again, but for those that come after that; or before them.
func (g *graph) linkTieDrop(n *node, side schema.ID, again bool) {
	if g.drops[side] != nil {
		return // its parts go with it
	}
	for _, p := range g.parts[side] {
		late := p.action == Create && g.late(p, g.f.dropped[n.id].Parent)
		if !again && side == g.f.dropped[n.id].Parent && g.frees(p, n) {
			continue
		}
		if again && !late && !g.passes(p, n) && !(p.action == Create && g.found(p.id, g.f.dropped[n.id].Parent)) {
			n.before = append(n.before, p)
		} else if p.host == nil || p.action == Alter {
			p.before = append(p.before, n)
		}
	}
}

// found reports whether the mirror that a new part has in a child is there before,
// and repeats nothing: the new tie takes it as what it would bring.
func (g *graph) found(part, child schema.ID) bool {
	return slices.ContainsFunc(g.f.needing(part), func(id schema.ID) bool {
		was := g.f.from.Objects[id]
		return id.Kind == part.Kind && was != nil && g.f.created[id] == nil && was.Parent == child && g.f.mirror(g.f.to.Objects[id]) == schema.Brought &&
			!slices.ContainsFunc(was.Needs, func(n schema.ID) bool { return n.Kind == id.Kind })
	})
}

// passes reports whether a part is what a mirror repeats for whose change the
// tie n is undone, and which would take that along; or is new and needs such a one.
func (g *graph) passes(p, n *node) bool {
	repeated := slices.ContainsFunc(g.f.blocked[n.id], func(id schema.ID) bool {
		o := g.f.from.Objects[id]
		if o == nil {
			o = g.f.to.Objects[id]
		}
		return slices.Contains(o.Needs, p.id)
	})
	return repeated || p.action == Create && slices.ContainsFunc(g.f.created[p.id].Needs, func(id schema.ID) bool {
		part := g.creates[id]
		return part != nil && g.f.created[id].Parent == g.f.created[p.id].Parent && g.passes(part, n)
	})
}

// linkShared adds rule 9.
func (g *graph) linkShared(n *node) {
	if n.action != Alter {
		return
	}
	for _, mirror := range g.f.dependents[n.id] {
		for _, s := range []*schema.Snapshot{g.f.from, g.f.to} {
			o := s.Objects[mirror]
			if mirror.Kind != n.id.Kind || o == nil || g.f.mirror(o) == schema.Own {
				continue
			}
			for _, other := range o.Needs {
				g.linkOriginal(n, other)
			}
		}
	}
}

// linkOriginal orders a change and another original of a mirror that it reaches.
func (g *graph) linkOriginal(n *node, other schema.ID) {
	d, c := g.drops[other], g.creates[other]
	switch {
	case other.Kind != n.id.Kind || d != nil && c != nil:
	case d != nil:
		n.before = append(n.before, d)
	case c != nil:
		c.before = append(c.before, n)
	}
}
