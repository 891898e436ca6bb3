package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// fates holds what is to happen to each object that does not stay as it is.
// An object that is replaced is both in dropped and in created.
type fates struct {
	from, to *schema.Snapshot
	kinds    map[string]*schema.Kind
	rank     map[string]int // the place of a kind in the list of kinds

	dropped map[schema.ID]*schema.Object
	created map[schema.ID]*schema.Object
	altered map[schema.ID]*alteration
	// because names the object that made one drop or change with it.
	because map[schema.ID]schema.ID
	// differs names the attributes in which objects differ.
	differs map[schema.ID][]string
	// blocked lists the altered objects that one must be out of the way of.
	blocked map[schema.ID][]schema.ID
	// heirs says which new object of another kind takes the name of one that
	// goes: the domain that follows an enum.
	heirs map[schema.ID]schema.ID
	// implied holds what the server makes beside a created object.
	implied map[schema.ID]*schema.Object

	dependents map[schema.ID][]schema.ID // in from: who needs it, hangs on it, goes down with it
	needers    map[schema.ID][]schema.ID // the same in to, once somebody has asked
	// tiesOf holds, by state and child, what ties tie it to.
	tiesOf map[*schema.Snapshot]map[schema.ID][]schema.ID
	chosen map[string][]schema.ID // in from, by Kind.Chosen, once somebody has asked
	// apart holds the new children that are made before their ties, which would
	// bring others of what is to be attached to them.
	apart map[schema.ID]bool
	pried map[schema.ID]bool // what was dropped, or is made, and held by a tie: that is undone
	queue []schema.ID        // dropped, dependents not looked at yet
}

// An alteration changes an object in place.
type alteration struct {
	old, new *schema.Object
	sql      []string
	alone    bool
	guess    string
}

// decide finds the fate of every object: what differs is altered where
// PostgreSQL can, else replaced; what depends on something that is dropped is
// dropped before it, and made again if it is still wanted.
func decide(from, to *schema.Snapshot, kinds schema.Kinds) *fates {
	f := &fates{
		from: from, to: to,
		kinds: map[string]*schema.Kind{}, rank: map[string]int{},
		dropped: map[schema.ID]*schema.Object{}, created: map[schema.ID]*schema.Object{},
		altered: map[schema.ID]*alteration{}, because: map[schema.ID]schema.ID{},
		blocked: map[schema.ID][]schema.ID{}, implied: map[schema.ID]*schema.Object{},
		differs: map[schema.ID][]string{},
		pried:   map[schema.ID]bool{}, apart: map[schema.ID]bool{}, heirs: map[schema.ID]schema.ID{}, dependents: dependents(from), tiesOf: map[*schema.Snapshot]map[schema.ID][]schema.ID{},
	}
	for i, k := range kinds {
		f.kinds[k.Name], f.rank[k.Name] = k, i
	}
	changes := Compare(from, to, kinds)
	for _, c := range changes {
		f.differs[c.ID()] = c.Attrs
		f.first(c)
	}
	f.findHeirs(changes)
	f.overwritten(changes)
	for _, c := range changes {
		f.block(c)
	}
	for _, c := range changes {
		f.parkHolders(c)
	}
	f.settle()
	return f
}

// settle lets what was decided so far take effect on everything else.
func (f *fates) settle() {
	f.spread()
	for f.pry() || f.setFree() || f.giveWay() || f.setApart() {
		f.spread()
	}
	f.imply()
}

// dependents turns Needs, With and Parent around.
func dependents(s *schema.Snapshot) map[schema.ID][]schema.ID {
	out := make(map[schema.ID][]schema.ID, len(s.Objects))
	for id, o := range s.Objects {
		for _, n := range o.Needs {
			out[n] = append(out[n], id)
		}
		for _, w := range o.With {
			if !slices.Contains(o.Needs, w) {
				out[w] = append(out[w], id)
			}
		}
	}
	for _, list := range out {
		slices.SortFunc(list, schema.CompareIDs)
	}
	return out
}

// needing lists who needs an object in the wanted state.
func (f *fates) needing(id schema.ID) []schema.ID {
	if f.needers == nil {
		f.needers = dependents(f.to)
	}
	return f.needers[id]
}

// first decides on a changed object by itself.
func (f *fates) first(c Change) {
	switch {
	case c.Old == nil:
		f.create(c.New)
	case c.New == nil:
		f.drop(c.Old.ID, schema.ID{})
	default:
		if a := f.alter(c); a != nil {
			f.altered[c.New.ID] = a
		} else {
			f.drop(c.Old.ID, schema.ID{})
		}
	}
}

// alter collects the statements that change an object in place; nil if
// PostgreSQL has none for one of the attributes.
func (f *fates) alter(c Change) *alteration {
	k := f.kinds[c.New.ID.Kind]
	a := &alteration{old: c.Old, new: c.New}
	now := k.Written(c.New)
	old := f.apartFrom(k.Written(c.Old), now)
	for _, name := range c.Attrs {
		attr, _ := k.Attr(name)
		if attr.Alter == nil {
			return nil
		}
		sql := attr.Alter(old, now)
		if sql == nil {
			return nil
		}
		for _, s := range sql {
			if !slices.Contains(a.sql, s) {
				a.sql = append(a.sql, s)
			}
		}
		if attr.Guess != nil {
			a.guess = attr.Guess(old, now)
		}
		a.alone = a.alone || attr.Alone && len(sql) > 0
	}
	return a
}

// apartFrom is an object as it is by itself, if it will mirror another than it does:
// what that is then is there already, and passes nothing on.
func (f *fates) apartFrom(old, now *schema.Object) *schema.Object {
	if k := f.kinds[now.ID.Kind]; k.Apart != nil && f.mirror(old) != schema.Own && f.mirror(now) != schema.Own && !f.stays(f.to, now) {
		return k.Apart(old)
	}
	return old
}

// block takes out of the way what stands in the way of an alteration.
func (f *fates) block(c Change) {
	if c.New == nil || f.altered[c.New.ID] == nil {
		return
	}
	for _, name := range c.Attrs {
		attr, _ := f.kinds[c.New.ID.Kind].Attr(name)
		if attr.Blocks != nil {
			f.blockDependents(c.New.ID, attr.Blocks(c.Old, c.New))
		}
		if attr.Rebuilds != nil && attr.Rebuilds(c.Old, c.New) {
			f.remake(c.New.ID)
		}
		if attr.Unties != nil && attr.Unties(c.Old, c.New) {
			f.untie(c.Old)
		}
	}
}

// untie undoes the ties through which o mirrors others while it changes.
func (f *fates) untie(o *schema.Object) {
	child := outer(f.from, o)
	for _, tie := range f.dependents[child] {
		if t := f.from.Objects[tie]; t.Parent != child || !f.kinds[tie.Kind].Tie {
			continue
		}
		f.drop(tie, o.ID)
		f.blocked[tie] = append(f.blocked[tie], o.ID)
	}
}

// called reports whether an object is of one of the kinds, or what settings
// call it is: a foreign key is a constraint.
func (f *fates) called(id schema.ID, kinds []string) bool {
	return slices.Contains(kinds, id.Kind) || slices.ContainsFunc(f.kinds[id.Kind].Nouns(f.from.Objects[id]), func(noun string) bool { return slices.Contains(kinds, noun) })
}

// blockDependents drops the dependents of id of certain kinds while id changes.
func (f *fates) blockDependents(id schema.ID, kinds []string) {
	f.blockMirrored(id, id, func(d schema.ID) bool { return f.called(d, kinds) })
}

// blockMirrored drops, while id changes, those dependents of at, which is id or
// a mirror of it, that are in the way.
func (f *fates) blockMirrored(id, at schema.ID, inTheWay func(schema.ID) bool) {
	for _, d := range f.dependents[at] {
		if f.mirror(f.from.Objects[d]) != schema.Own {
			f.blockMirrored(id, d, inTheWay)
			continue
		}
		if d != id && inTheWay(d) {
			f.drop(d, id)
			f.blocked[d] = append(f.blocked[d], id)
		}
	}
}

// drop marks an object for dropping, and for being made again if it is wanted.
func (f *fates) drop(id, because schema.ID) {
	if _, ok := f.dropped[id]; ok || f.from.Objects[id] == nil {
		return // done, or not to be seen, as what a platform provides
	}
	f.dropped[id] = f.from.Objects[id]
	if !because.IsZero() {
		f.because[id] = because
	}
	delete(f.altered, id)
	if o, ok := f.to.Objects[id]; ok {
		f.create(o)
	}
	f.queue = append(f.queue, id)
}

// create marks an object for creation, and its parent for being made anew if
// the object cannot join it as it is.
func (f *fates) create(o *schema.Object) {
	f.created[o.ID] = o
	parent, joins := f.from.Objects[o.Parent], f.kinds[o.ID.Kind].Joins
	if parent != nil && f.to.Objects[o.Parent] != nil && joins != nil && !joins(o, parent) {
		f.drop(o.Parent, o.ID)
	}
}

// findHeirs notes which of the objects that are gone leave their name to a new
// one of another kind.
func (f *fates) findHeirs(changes []Change) {
	takes := map[string]schema.ID{}
	for _, c := range changes {
		if c.Old == nil {
			for _, name := range f.names(c.New) {
				takes[name] = c.New.ID
			}
		}
	}
	for _, c := range changes {
		if c.New != nil {
			continue
		}
		for _, name := range f.names(c.Old) {
			if heir, ok := takes[name]; ok {
				f.heirs[c.Old.ID] = heir
			}
		}
	}
}

// names lists the names that an object takes.
func (f *fates) names(o *schema.Object) []string {
	if o == nil || f.kinds[o.ID.Kind].Names == nil {
		return nil
	}
	return f.kinds[o.ID.Kind].Names(o)
}

// heir is the object that follows a dropped one under its name: the same, made
// again, or one of another kind.
func (f *fates) heir(id schema.ID) schema.ID {
	if f.created[id] != nil {
		return id
	}
	return f.heirs[id]
}

// predecessor is the dropped object that was set aside for a created one, or nil.
func (f *fates) predecessor(id schema.ID) *schema.Object {
	if f.setAside(id) {
		return f.dropped[id]
	}
	for old, heir := range f.heirs {
		if heir == id && f.setAside(old) {
			return f.dropped[old]
		}
	}
	return nil
}

func (f *fates) mirror(o *schema.Object) schema.Mirror {
	if m := f.kinds[o.ID.Kind].Mirror; m != nil {
		return m(o)
	}
	return schema.Own
}

// setAside reports whether a dropped object is renamed, so that its successor
// can be made before it is dropped. It stays as long as what it needs does.
func (f *fates) setAside(id schema.ID) bool {
	o, heir := f.dropped[id], f.created[f.heir(id)]
	return f.canStepAside(o) && f.canStepAside(heir) && !slices.ContainsFunc(o.Needs, func(n schema.ID) bool {
		return f.dropped[n] != nil && f.created[f.heir(n)] != nil && !f.setAside(n)
	})
}

func (f *fates) canStepAside(o *schema.Object) bool {
	return o != nil && f.kinds[o.ID.Kind].Aside != nil && f.kinds[o.ID.Kind].Aside(o) != nil
}

// imply notes what the server makes by itself beside the created objects. If
// that is wanted as it is, nothing is left to do; if not, it is altered, or
// dropped again.
func (f *fates) imply() {
	gives := *f.from
	gives.Objects = map[schema.ID]*schema.Object{}
	for id, o := range f.from.Objects {
		if f.kinds[id.Kind].Gives {
			gives.Objects[id] = o
		}
	}
	for id, o := range f.created {
		implies := f.kinds[id.Kind].Implies
		if implies == nil {
			continue
		}
		for _, made := range implies(&gives, o) {
			f.implied[made.ID] = made
		}
	}
	for id, made := range f.implied {
		delete(f.dropped, id)
		delete(f.created, id)
		f.because[id] = made.Parent
		wanted := f.to.Objects[id]
		if wanted == nil {
			f.dropped[id] = made
			continue
		}
		attrs := differing(made, wanted, f.kinds[id.Kind])
		if len(attrs) == 0 {
			continue
		}
		if a := f.alter(Change{made, wanted, attrs}); a != nil {
			f.altered[id] = a
		} else {
			f.dropped[id], f.created[id] = made, wanted
		}
	}
}
