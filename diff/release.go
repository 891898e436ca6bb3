package diff

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// spread drops what depends on dropped objects until nothing is left to drop.
func (f *fates) spread() {
	for len(f.queue) > 0 {
		id := f.queue[0]
		f.queue = f.queue[1:]
		for _, d := range f.dependents[id] {
			f.release(d, id)
		}
	}
}

// release decides how a dependent gets out of the way of a dropped object.
func (f *fates) release(dependent, id schema.ID) {
	if _, ok := f.dropped[dependent]; ok {
		return
	}
	o, wanted := f.from.Objects[dependent], f.to.Objects[dependent]
	switch {
	case f.letsGo(o, id):
		// The end of the tie does.
	case f.rebinds(dependent, id):
		f.rebind(dependent, id)
	case f.outlives(o, wanted, id):
	case f.kinds[dependent.Kind].Owned && wanted != nil:
		// The end of what ties it to that does.
	case slices.Contains(o.With, id):
		f.drop(dependent, id)
	case f.altered[dependent] != nil && !f.needsAgain(wanted, id) && !f.reaches(id, o):
		// The change itself lets go.
	default:
		f.drop(dependent, id)
	}
}

// makeAnew breaks circles of changes in place, as of two objects that trade
// their names, or of two defaults that trade their functions: one of each is
// dropped and made again, one with a name if there is any, and the one that the
// fewest others rely on. It reports whether every circle has one that costs no rows.
func (f *fates) makeAnew(circles [][]*node) bool {
	for _, members := range circles {
		members = slices.DeleteFunc(slices.Clone(members), func(n *node) bool {
			return n.action != Alter || f.costs(n.id)
		})
		if len(members) == 0 {
			return false
		}
		nameless := func(n *node) int { return boolInt(len(f.names(f.altered[n.id].old)) == 0) }
		first := slices.MinFunc(members, func(a, b *node) int {
			return cmp.Or(cmp.Compare(nameless(a), nameless(b)), cmp.Compare(len(reliant(f.from, a.id)), len(reliant(f.from, b.id))), schema.CompareIDs(a.id, b.id))
		})
		f.drop(first.id, schema.ID{})
	}
	f.settle()
	return true
}

// costs reports whether the drop of an object may lose rows.
func (f *fates) costs(id schema.ID) bool {
	of := reliant(f.from, id)
	of[id] = true
	for d := range of {
		if loses := f.kinds[d.Kind].Loses; loses != nil && loses(f.from.Objects[d]) {
			return true
		}
	}
	return false
}

// pry undoes the ties that hold what is dropped to what stays, and reports
// whether there were any.
func (f *fates) pry() bool {
	found := false
	for _, id := range slices.SortedFunc(maps.Keys(f.dropped), schema.CompareIDs) {
		o := f.dropped[id]
		if f.dropped[outer(f.from, o)] != nil || !f.stays(f.from, o) || f.pried[id] {
			continue
		}
		switch {
		case f.kinds[id.Kind].Sticks != nil:
			f.unstick(o)
		case f.mirror(o) == schema.Brought && f.to.Objects[id] == nil && f.originalsStay(o):
			f.untie(o)
		default:
			continue
		}
		f.pried[id], found = true, true
	}
	return found
}

// setFree undoes the ties that keep new mirrors from being made as they are to be,
// and reports whether there were any.
func (f *fates) setFree() bool {
	var free []schema.ID
	for id, o := range f.created {
		untied := f.kinds[id.Kind].Untied
		if untied != nil && untied(f.from.Objects[id], o) && !f.pried[id] && f.created[outer(f.to, o)] == nil && f.stays(f.to, o) {
			free = append(free, id)
		}
	}
	slices.SortFunc(free, schema.CompareIDs)
	for _, id := range free {
		f.untie(f.created[id])
		f.pried[id] = true
	}
	return len(free) > 0
}

// originalsStay reports whether nothing happens to what a mirror repeats.
func (f *fates) originalsStay(o *schema.Object) bool {
	return !slices.ContainsFunc(o.Needs, func(id schema.ID) bool { return id.Kind == o.ID.Kind && f.dropped[id] != nil })
}

// unstick has an object that cannot be undone by itself go with what it needs,
// or with the tie; then what it needs goes too if the tie would make it again.
func (f *fates) unstick(o *schema.Object) {
	sticks := f.kinds[o.ID.Kind].Sticks(o)
	if sticks {
		f.untie(o)
	}
	for _, n := range o.Needs {
		if !sticks || f.dropped[o.Parent] == nil && f.to.Objects[o.ID] == nil || f.late(f.to.Objects[n]) {
			f.drop(n, o.ID)
		}
	}
}

// setApart finds the new children that are tied only when their parts are there:
// those that stick to what is there before them, where a child that is tied at
// once has got others, mirrors that only a child without ties can have, and mirrors
// of what is there already and should have been made after the tie. Where such a
// child has parts from its ties alone, what should have been made later is made
// anew. It reports whether anything is.
func (f *fates) setApart() bool {
	var anew []schema.ID
	for id, o := range f.created {
		child := outer(f.to, o)
		stays := func(n schema.ID) bool { return f.created[n] == nil }
		late := func(n schema.ID) bool {
			return n.Kind == id.Kind && stays(n) && f.kinds[id.Kind].Late(f.to.Objects[n], o)
		}
		switch k := f.kinds[id.Kind]; {
		case f.created[child] == nil:
		case k.Sticks != nil && !slices.ContainsFunc(o.Needs, func(n schema.ID) bool { return !stays(n) }):
			f.apart[child] = true
		case k.Untied != nil && k.Untied(nil, o) && k.CanInside != nil && !k.CanInside(o):
			f.apart[child] = true
		case k.Late == nil || f.mirror(o) != schema.Demanded || !slices.ContainsFunc(o.Needs, late):
		case f.followed(child):
			anew = append(anew, slices.DeleteFunc(slices.Clone(o.Needs), func(n schema.ID) bool { return !late(n) })...)
		default:
			f.apart[child] = true
		}
	}
	slices.SortFunc(anew, schema.CompareIDs)
	for _, id := range anew {
		f.drop(id, schema.ID{})
	}
	return len(anew) > 0
}

// followed reports whether a child has parts from its ties alone, which it would
// have to declare if it were made before them.
func (f *fates) followed(child schema.ID) bool {
	for id, o := range f.created {
		inside := f.kinds[id.Kind].CanInside
		if o.Parent == child && inside != nil && !inside(o) && f.mirror(o) == schema.Demanded && f.kinds[id.Kind].Late == nil {
			return true
		}
	}
	return false
}

// late reports whether a wanted object is made only after new ties of what it
// is a part of, so that they do not pass it on.
func (f *fates) late(wanted *schema.Object) bool {
	return wanted != nil && f.kinds[wanted.ID.Kind].Late != nil && f.kinds[wanted.ID.Kind].Late(wanted, nil)
}

// reaches reports whether the drop of id is passed on to a dependent that has
// something of its own there, as the drop of a default is to each child's.
func (f *fates) reaches(id schema.ID, dependent *schema.Object) bool {
	k := f.kinds[id.Kind]
	return id.Kind == dependent.ID.Kind && (k.Undoes || k.Mirror != nil && f.mirror(dependent) == schema.Own &&
		outer(f.from, f.from.Objects[id]) != outer(f.from, dependent))
}

// overwritten drops, so that they are made again, the objects of others that a
// new one, or its change, is passed on to though they have something of their
// own there.
func (f *fates) overwritten(changes []Change) {
	for _, c := range changes {
		if c.New == nil || f.kinds[c.New.ID.Kind].Mirror == nil {
			continue
		}
		for _, d := range f.needing(c.New.ID) {
			o := f.to.Objects[d]
			if d.Kind == c.New.ID.Kind && slices.Contains(o.Needs, c.New.ID) && f.from.Objects[d] != nil && f.mirror(o) == schema.Own && outer(f.to, o) != outer(f.to, c.New) {
				f.drop(d, c.New.ID)
			}
		}
	}
}

// needsAgain reports whether a wanted object needs what is dropped, or what is
// made anew with it.
func (f *fates) needsAgain(wanted *schema.Object, id schema.ID) bool {
	root := outer(f.from, f.from.Objects[id])
	return slices.ContainsFunc(slices.Concat(wanted.Needs, wanted.With), func(n schema.ID) bool {
		return n == id || f.created[root] != nil && f.to.Objects[n] != nil && outer(f.to, f.to.Objects[n]) == root
	})
}

// outlives reports whether a mirror stays, as its own, when id is dropped.
func (f *fates) outlives(o, wanted *schema.Object, id schema.ID) bool {
	return f.staysBehind(o) && wanted != nil && f.mirror(wanted) == schema.Own && o.ID.Kind == id.Kind
}

// letsGo reports whether a dependent stays because it needs what is dropped
// only through a tie that ends: a partition outlives its parent, and its columns
// the parent's.
func (f *fates) letsGo(o *schema.Object, id schema.ID) bool {
	child, parent := outer(f.from, o), outer(f.from, f.from.Objects[id])
	if f.to.Objects[o.ID] == nil || o.ID != child && f.mirror(o) == schema.Own {
		return false
	}
	return f.tie(f.from, child, parent) && !f.tie(f.to, child, parent)
}

// rebinds reports whether a dependent can move from a replaced object to its
// successor without being dropped.
func (f *fates) rebinds(dependent, id schema.ID) bool {
	wanted, rebind := f.to.Objects[dependent], f.kinds[dependent.Kind].Rebind
	return rebind != nil && wanted != nil && f.setAside(id) &&
		slices.Contains(wanted.Needs, f.heir(id)) && rebind(f.apartFrom(f.from.Objects[dependent], wanted), wanted) != nil
}

// rebind makes a dependent move to the successor of id. Like a change of its
// type this may need its own dependents out of the way.
func (f *fates) rebind(dependent, id schema.ID) {
	k := f.kinds[dependent.Kind]
	old, wanted := f.apartFrom(f.from.Objects[dependent], f.to.Objects[dependent]), f.to.Objects[dependent]
	sql := k.Rebind(old, wanted)
	if len(sql) > 0 {
		sql = append(f.guard(old, id), sql...)
	}
	a := f.altered[dependent]
	if a == nil {
		a = &alteration{old: old, new: wanted}
		f.altered[dependent], f.because[dependent] = a, id
	}
	own := slices.DeleteFunc(slices.Clone(a.sql), func(s string) bool { return !slices.Contains(sql, s) && f.doneBy(dependent, s, sql) })
	a.sql = append(slices.DeleteFunc(slices.Clone(sql), func(s string) bool { return slices.Contains(own, s) }), own...)
	f.blockDependents(dependent, k.RebindBlocks)
	if len(sql) > 0 {
		f.remake(dependent)
		f.parkRows(wanted, wanted.Parent)
	}
}

// doneBy reports whether one of a list of statements does what another of the
// object's does: there is one alone that is run as one with those of others.
func (f *fates) doneBy(id schema.ID, sql string, by []string) bool {
	begin := f.together(id, sql)
	return begin != "" && slices.ContainsFunc(by, func(s string) bool { return f.together(id, s) == begin })
}

// guard is what makes sure that no row of a dependent holds a value that
// vanishes when the successor of id takes its place.
func (f *fates) guard(dependent *schema.Object, id schema.ID) []string {
	vanishing, guard := f.kinds[id.Kind].Vanishing, f.kinds[dependent.ID.Kind].Guard
	if vanishing == nil || guard == nil || f.created[id] == nil {
		return nil
	}
	gone := vanishing(f.dropped[id], f.created[id])
	if len(gone) == 0 {
		return nil
	}
	return guard(dependent, id, gone)
}
