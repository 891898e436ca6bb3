package diff

import (
	"maps"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// A Policy says which changes are not to be made, by what they do and the noun
// of what they do it to, as atlas.hcl writes them: "drop_table". What changes
// within an object modifies it.
type Policy map[string]bool

// A Left is a change that is not made, and the entry of the policy which says
// so. Of what is left with another change Because names that.
type Left struct {
	Change
	Policy  string
	Because schema.ID
}

// Leave returns the state to reach where a policy leaves out some of the
// changes from one state to another, and what was left out. It follows three
// laws:
//
//   - What is not dropped stays whole, and with it what it needs.
//   - What is not created takes along what would need it; of that, what was
//     there before stays as it was.
//   - What is not modified stays as it was, and with it what it needed.
func Leave(from, to *schema.Snapshot, kinds schema.Kinds, policy Policy, asked ...Renaming) (*schema.Snapshot, []Left, error) {
	if !slices.Contains(slices.Collect(maps.Values(policy)), true) {
		return to, nil, nil
	}
	l := &leaving{kinds: kinds, policy: policy, seen: map[schema.ID]bool{}}
	l.to = *l.unmoved(from, to)
	l.to.Objects = maps.Clone(l.to.Objects)
	from = moved(from, &l.to, kinds)
	named, steps, _, err := inferRenames(from, &l.to, kinds, asked)
	if err != nil {
		return nil, nil, err
	}
	l.from, l.parts = from, dependentParts(from)
	for _, s := range steps {
		if s.Action == Rename {
			l.unrename(s)
		}
	}
	if len(l.left) > 0 { // the other renames are found again
		asked = slices.DeleteFunc(slices.Clone(asked), func(r Renaming) bool { return l.seen[r.New] })
		if named, _, _, err = inferRenames(from, &l.to, kinds, asked); err != nil {
			return nil, nil, err
		}
	}
	l.from, l.parts = named, dependentParts(named)
	for _, c := range Compare(named, &l.to, kinds) {
		l.leave(c)
	}
	return &l.to, l.left, nil
}

// Keep returns the state to reach where some objects are to stay as they are, by
// the laws of Leave.
func Keep(from, to *schema.Snapshot, kinds schema.Kinds, ids []schema.ID) *schema.Snapshot {
	l := &leaving{kinds: kinds, from: from, to: *to, parts: dependentParts(from), seen: map[schema.ID]bool{}}
	l.to.Objects = maps.Clone(to.Objects)
	for _, id := range ids {
		o := from.Objects[id]
		if o == nil || l.to.Objects[id] == nil {
			l.undo(id)
			continue
		}
		l.to.Objects[id] = o
		for _, n := range o.Needs {
			l.with(n, id, l.keep)
		}
	}
	return &l.to
}

// leaving is a wanted state on its way to one without certain changes.
type leaving struct {
	kinds  schema.Kinds
	policy Policy
	from   *schema.Snapshot
	to     schema.Snapshot
	parts  map[schema.ID][]schema.ID // of what is in from
	left   []Left
	seen   map[schema.ID]bool
}

func dependentParts(s *schema.Snapshot) map[schema.ID][]schema.ID {
	out := map[schema.ID][]schema.ID{}
	for id, o := range s.Objects {
		for _, with := range append([]schema.ID{o.Parent}, o.With...) {
			if !with.IsZero() && !slices.Contains(out[with], id) {
				out[with] = append(out[with], id)
			}
		}
	}
	for _, ids := range out {
		slices.SortFunc(ids, schema.CompareIDs)
	}
	return out
}

// unmoved is the wanted state in which what may not be modified has taken no
// names along: what needs it has the old ones in its texts.
func (l *leaving) unmoved(from, to *schema.Snapshot) *schema.Snapshot {
	for id, names := range moves(to, from, l.kinds) {
		if l.entry("modify", to.Objects[id]) != "" {
			to = move(to, id, names, l.kinds)
		}
	}
	return to
}

// entry is the entry of the policy that leaves out an action on an object, "" if none does.
func (l *leaving) entry(action string, o *schema.Object) string {
	k := l.kinds.Find(o.ID.Kind)
	for _, noun := range k.Nouns(o) {
		if e := action + "_" + noun; l.policy[e] {
			return e
		}
	}
	return ""
}

// leave leaves out a change, if the policy says so.
func (l *leaving) leave(c Change) {
	id := c.ID()
	if old, now := l.from.Objects[id], l.to.Objects[id]; l.seen[id] || old != c.Old || now != c.New {
		return // it went with another
	}
	entry := ""
	switch {
	case c.New == nil && l.to.Objects[c.Old.Parent] != nil, c.New == nil && c.Old.Parent.IsZero():
		entry = l.entry("drop", c.Old)
	case c.Old == nil && l.from.Objects[c.New.Parent] != nil, c.Old == nil && c.New.Parent.IsZero():
		entry = l.entry("add", c.New)
	case c.Old != nil && c.New != nil:
		entry = l.entry("modify", c.New)
	}
	if entry == "" {
		entry = l.modifies(c)
	}
	if entry == "" {
		return
	}
	l.left = append(l.left, Left{Change: c, Policy: entry})
	l.seen[id] = true
	l.undo(id)
}

// modifies is the entry that leaves out the modification of what an object is
// a part of, where that is in both states.
func (l *leaving) modifies(c Change) string {
	o := c.New
	if o == nil {
		o = c.Old
	}
	for parent := o.Parent; !parent.IsZero(); {
		old, now := l.from.Objects[parent], l.to.Objects[parent]
		if old == nil || now == nil {
			return ""
		}
		if e := l.entry("modify", now); e != "" {
			return e
		}
		parent = now.Parent
	}
	return ""
}

// unrename leaves an object under its old name, if the policy says so.
func (l *leaving) unrename(s Step) {
	old, now := l.from.Objects[s.Was], l.to.Objects[s.ID]
	if old == nil || now == nil {
		return
	}
	if entry := l.entry("rename", now); entry != "" {
		l.left = append(l.left, Left{Change: Change{Old: old, New: now}, Policy: entry})
		l.seen[s.ID], l.seen[s.Was] = true, true
		l.remove(s.ID)
		l.keep(s.Was)
		for _, o := range l.from.Sorted() { // in a schema, say
			if home(o, l.kinds) == s.Was {
				l.keep(o.ID)
			}
		}
	}
}

// undo makes an object in the wanted state what it was.
func (l *leaving) undo(id schema.ID) {
	if l.from.Objects[id] == nil {
		l.remove(id)
		return
	}
	delete(l.to.Objects, id)
	l.keep(id)
}

// keep keeps an object that is not in the wanted state, its parts and what it needs.
func (l *leaving) keep(id schema.ID) {
	o := l.from.Objects[id]
	if o == nil || l.to.Objects[id] != nil {
		return
	}
	l.makeRoom(o)
	l.to.Objects[id] = o
	for _, n := range slices.Concat(o.Needs, o.With, []schema.ID{o.Parent}) {
		l.with(n, id, l.keep)
	}
	for _, part := range l.parts[id] {
		if l.from.Objects[part].Parent == id {
			l.keep(part)
		} else {
			l.with(part, id, l.keep)
		}
	}
}

// makeRoom removes what has taken the name of an object that stays.
func (l *leaving) makeRoom(o *schema.Object) {
	names := l.kinds.Find(o.ID.Kind).Names
	if names == nil {
		return
	}
	taken := names(o)
	for _, other := range l.to.Sorted() {
		if n := l.kinds.Find(other.ID.Kind).Names; n != nil && l.from.Objects[other.ID] == nil &&
			slices.ContainsFunc(n(other), func(name string) bool { return slices.Contains(taken, name) }) {
			l.with(other.ID, o.ID, l.remove)
		}
	}
}

// remove takes a new object from the wanted state, with what needs it there.
func (l *leaving) remove(id schema.ID) {
	if l.to.Objects[id] == nil {
		return
	}
	delete(l.to.Objects, id)
	for _, o := range l.to.Sorted() {
		if l.to.Objects[o.ID] == nil || o.Parent != id && !slices.Contains(o.Needs, id) && !slices.Contains(o.With, id) {
			continue
		}
		if o.Parent == id {
			l.undo(o.ID)
		} else {
			l.with(o.ID, id, l.undo)
		}
	}
}

// with does something to an object because of another, and notes it if that
// leaves a change out.
func (l *leaving) with(id, because schema.ID, do func(schema.ID)) {
	old, now := l.from.Objects[id], l.to.Objects[id]
	do(id)
	if l.seen[id] || l.to.Objects[id] == now {
		return
	}
	l.seen[id] = true
	if l.within(old) || l.within(now) {
		return // that is said of the whole
	}
	l.left = append(l.left, Left{Change: Change{Old: old, New: now}, Because: because})
}

// within reports whether an object is a part of one that is left.
func (l *leaving) within(o *schema.Object) bool {
	for o != nil && !o.Parent.IsZero() {
		if l.seen[o.Parent] {
			return true
		}
		parent := l.from.Objects[o.Parent]
		if parent == nil {
			parent = l.to.Objects[o.Parent]
		}
		o = parent
	}
	return false
}

// String says what is left out: "table public.old is not dropped".
func (l Left) String() string {
	what := " is not changed"
	switch {
	case l.Old != nil && l.New != nil && l.Old.ID != l.New.ID:
		return l.Old.ID.String() + " is not renamed to " + l.New.ID.Name + l.why()
	case l.New == nil:
		what = " is not dropped"
	case l.Old == nil:
		what = " is not created"
	}
	return l.ID().String() + what + l.why()
}

func (l Left) why() string {
	if l.Policy == "" {
		return ", because of " + l.Because.String()
	}
	return " (diff.skip." + l.Policy + ")"
}
