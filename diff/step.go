package diff

import (
	"cmp"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// step writes the statements of a group.
func (f *fates) step(g group) Step {
	n := g[0]
	s := Step{Action: n.action, ID: n.id, Because: f.because[n.id], Attrs: f.differs[n.id]}
	for _, m := range g[1:] {
		s.Takes = append(s.Takes, m.id)
	}
	k := f.kinds[n.id.Kind]
	switch {
	case n.stubOf != nil:
		s.SQL = k.Stub(f.acted(n.stubOf))
		return s
	case n.action == Create && n.stub != nil:
		s.Action, s.SQL = Alter, k.Fill(k.Written(f.created[n.id])) // the stub is there already
		return s
	}
	switch n.action {
	case Drop:
		s.SQL = f.dropSQL(k, n.id)
		s.Loses = f.loses(g)
	case Alter:
		s.SQL, s.Alone, s.Guess = f.alteredTogether(g), f.altered[n.id].alone, f.altered[n.id].guess
	case Create:
		if old := f.predecessor(n.id); old != nil {
			s.SQL = f.kinds[old.ID.Kind].Aside(old)
		}
		s.SQL = append(slices.Clone(s.SQL), f.createSQL(k, g)...)
	}
	return s
}

// createSQL makes an object, of what is parked, or of what it adopts if the group drops that.
func (f *fates) createSQL(k *schema.Kind, g group) []string {
	if _, back := f.park(g[0].id); back != nil {
		return back
	}
	for _, m := range g[1:] {
		if m.action == Drop {
			return f.adopt(m.id, g[0].id)
		}
	}
	return k.Create(f.built(g[0].id, g[1:]))
}

// adopt returns the statements that make a created object of a dropped one, nil
// if that cannot be.
func (f *fates) adopt(old, id schema.ID) []string {
	if k := f.kinds[id.Kind]; k.Adopt != nil && old.Kind != id.Kind && f.created[old] == nil {
		return k.Adopt(f.dropped[old], f.created[id])
	}
	return nil
}

func (f *fates) dropSQL(k *schema.Kind, id schema.ID) []string {
	o := f.dropped[id]
	away, _ := f.park(id)
	switch {
	case away != nil:
		return away
	case f.setAside(id):
		return k.DropAside(o)
	case f.implied[id] == nil && f.mirror(o) != schema.Own && !f.untied(o) && !f.staysBehind(o):
		return nil // it goes with what it mirrors
	}
	return k.DropOf(o)
}

// staysBehind reports whether a mirror is still there when what it mirrors is gone.
func (f *fates) staysBehind(o *schema.Object) bool {
	stays := f.kinds[o.ID.Kind].Stays
	return stays != nil && stays(o)
}

// loses lists the objects of a drop whose rows are lost, but for those whose
// parent, or what they mirror, says it already. Values of a type are those of
// columns, which say that they go: with it goes only what its successor lacks.
func (f *fates) loses(g group) []schema.ID {
	var out []schema.ID
	aside, elsewhere := f.setAside(g[0].id) || f.parked(g[0].id), f.kinds[g[0].id.Kind].Aside != nil
	for _, n := range g {
		if aside && n == g[0] || elsewhere && f.handsOn(g[0].id, n.id) {
			continue
		}
		o, loses := f.dropped[n.id], f.kinds[n.id.Kind].Loses
		if loses != nil && loses(o) && !slices.Contains(out, o.Parent) && (f.mirror(o) == schema.Own || f.untied(o) || f.staysBehind(o)) {
			out = append(out, n.id)
		}
	}
	return out
}

// handsOn reports whether a part of a type that goes is one of its successor too, or
// there is none.
func (f *fates) handsOn(id, part schema.ID) bool {
	heir := f.heir(id)
	if heir.IsZero() || f.created[part] != nil {
		return true
	}
	for _, o := range f.created {
		if o.Parent == heir && o.ID.Name == part.Name {
			return true
		}
	}
	return false
}

// built is an object with those of parts that belong to it, in order.
func (f *fates) built(id schema.ID, parts []*node) schema.Built {
	o := f.spelled(f.created[id])
	b := schema.Built{Object: f.kinds[id.Kind].Written(o), Of: f.original(o), Joins: f.mirror(o) != schema.Own && !f.stays(f.to, o), Tied: f.tied(o)}
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

// spelled is a new object with its name given, where the server would choose another
// because what stays has that.
func (f *fates) spelled(o *schema.Object) *schema.Object {
	k := f.kinds[o.ID.Kind]
	if k.Chosen == nil {
		return o
	}
	if f.chosen == nil {
		f.chosen = map[string][]schema.ID{}
		for id, from := range f.from.Objects {
			if k := f.kinds[id.Kind]; k.Chosen != nil && k.Chosen(from) != "" {
				f.chosen[k.Chosen(from)] = append(f.chosen[k.Chosen(from)], id)
			}
		}
	}
	if slices.ContainsFunc(f.chosen[k.Chosen(o)], func(id schema.ID) bool { return id != o.ID && f.dropped[id] == nil }) {
		return k.Spelled(o)
	}
	return o
}

// original is the object that a new mirror repeats, or a mirror between them, where
// that stays; nil if there is none.
func (f *fates) original(o *schema.Object) *schema.Object {
	for f.mirror(o) != schema.Own {
		i := slices.IndexFunc(o.Needs, func(id schema.ID) bool { return id.Kind == o.ID.Kind && f.to.Objects[id] != nil })
		if i < 0 {
			return nil
		}
		o = f.to.Objects[o.Needs[i]]
		if f.created[o.ID] == nil {
			return f.from.Objects[o.ID]
		}
	}
	return nil
}

// untied reports whether a mirror lost its tie, and so is its own.
func (f *fates) untied(o *schema.Object) bool {
	if f.pried[o.ID] {
		return true
	}
	child := outer(f.from, o)
	return f.to.Objects[child] != nil && f.created[child] == nil && !f.stays(f.from, o)
}

// tied reports whether a new mirror comes by itself: with its parent, with a
// tie that brings it, or because a tie that stays has brought it.
func (f *fates) tied(o *schema.Object) bool {
	switch f.mirror(o) {
	case schema.Own, schema.Attached:
		return false
	case schema.Brought:
		return true
	}
	if f.leads(o) || f.pried[o.ID] {
		return false
	}
	if child := outer(f.to, o); f.created[child] != nil {
		return !f.apart[child]
	}
	return f.stays(f.to, o)
}

// leads reports whether a new mirror is made before what it mirrors, by itself
// or with what it is a part of.
func (f *fates) leads(o *schema.Object) bool {
	if p := f.created[o.Parent]; p != nil && f.leads(p) {
		return true
	}
	leads := f.kinds[o.ID.Kind].Leads
	return leads != nil && leads(o) && f.mirror(o) != schema.Own && f.stays(f.to, o)
}

// stays reports whether the tie through which o mirrors another is there both
// before and after the plan.
func (f *fates) stays(s *schema.Snapshot, o *schema.Object) bool {
	child := outer(s, o)
	for _, n := range o.Needs {
		if n.Kind != o.ID.Kind && !slices.Contains(o.With, n) {
			continue
		}
		parent := outer(s, s.Objects[n])
		if f.tie(f.from, child, parent) && f.tie(f.to, child, parent) {
			return true
		}
	}
	return false
}

// outer is the outermost object that o is a part of, known or not: what a
// platform provides is not in a state, but may be needed there. Zero for nil.
func outer(s *schema.Snapshot, o *schema.Object) schema.ID {
	if o == nil {
		return schema.ID{}
	}
	for !o.Parent.IsZero() {
		parent := s.Objects[o.Parent]
		if parent == nil {
			return o.Parent
		}
		o = parent
	}
	return o.ID
}

// tie reports whether child is tied to parent in a state.
func (f *fates) tie(s *schema.Snapshot, child, parent schema.ID) bool {
	return slices.Contains(f.ties(s)[child], parent)
}

// ties lists, by child, the objects that ties tie it to.
func (f *fates) ties(s *schema.Snapshot) map[schema.ID][]schema.ID {
	if f.tiesOf[s] != nil {
		return f.tiesOf[s]
	}
	out := map[schema.ID][]schema.ID{}
	for _, o := range s.Objects {
		if f.kinds[o.ID.Kind].Tie {
			out[o.Parent] = append(out[o.Parent], o.Needs...)
		}
	}
	f.tiesOf[s] = out
	return out
}
