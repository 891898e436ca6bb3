package diff

import "github.com/tvl-platform/plumb/schema"

// park returns the statements that keep the values of an object while it is out
// of the way, and those that bring it back; nil where it is dropped for good,
// with its parent, or made anew.
func (f *fates) park(id schema.ID) (away, back []string) {
	old, now, k := f.dropped[id], f.created[id], f.kinds[id.Kind]
	if k.Park == nil || old == nil || now == nil || f.dropped[old.Parent] != nil {
		return nil, nil
	}
	return k.Park(old, now)
}

func (f *fates) parked(id schema.ID) bool {
	away, _ := f.park(id)
	return away != nil
}

// parkHolders has what holds rows of an object out of the way while a change to
// a part of that rewrites them.
func (f *fates) parkHolders(c Change) {
	if c.New == nil || f.from.Objects[c.New.Parent] == nil {
		return
	}
	rewrites := f.kinds[c.New.ID.Kind].Rewrites
	if rewrites == nil || !rewrites(c.Old, c.New) {
		return
	}
	f.parkRows(c.New, c.New.Parent)
}

// parkRows has what holds values of a type, also as a part of those of another
// type, out of the way of a change. What is parked changes a type itself.
func (f *fates) parkRows(of *schema.Object, typ schema.ID) {
	for _, d := range f.dependents[typ] {
		holder, wanted, k := f.from.Objects[d], f.to.Objects[d], f.kinds[d.Kind]
		switch {
		case holder.Parent == of.Parent || wanted == nil:
		case k.Aside != nil:
			f.parkRows(of, d)
		case k.Park != nil:
			if away, _ := k.Park(holder, wanted); away != nil {
				f.drop(d, of.ID)
				f.blocked[d] = append(f.blocked[d], of.ID)
				f.parkRows(holder, holder.Parent)
			}
		}
	}
}

// linkParked has a parked object out of the way of what it is parked for.
func (g *graph) linkParked(n *node) {
	for _, id := range g.f.blocked[n.id] {
		for _, m := range []*node{g.drops[id], g.alters[id], g.creates[id]} {
			switch {
			case m == nil || m.action == Drop && !g.f.parked(id):
			case n.action == Drop:
				m.before = append(m.before, n)
			case n.action == Create:
				n.before = append(n.before, m)
			}
		}
	}
}
