package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// evidence is what two objects must have in common to be one: the parent, what
// is compared, the number where the kind has one, the numbered parts with
// their names, and the ties, as the rows of a partition are those within its
// bound. Nothing is evidence enough for what stands alone without parts, nor for
// what is made anew at no cost (Stub).
func (in *inference) evidence(s *schema.Snapshot, o *schema.Object, parent schema.ID) string {
	k := in.kinds.Find(o.ID.Kind)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\x00%s\x00%d\x00%s", o.ID.Kind, parent, o.Order, compared(o, k))
	if !o.Parent.IsZero() {
		return b.String()
	}
	if k.Owned {
		return b.String() + in.owned(s, o)
	}
	parts := in.numbered(s, o.ID)
	if len(parts) == 0 || k.Stub != nil {
		return o.ID.String()
	}
	for _, p := range parts {
		fmt.Fprintf(&b, "%s %d %s %v\x00", p.ID.Kind, p.Order, strings.TrimPrefix(p.ID.Name, o.ID.Name), p.Attrs.Values)
	}
	for _, p := range in.partsOf(s)[o.ID] {
		if k := in.kinds.Find(p.ID.Kind); k.Tie && k.Follows {
			b.WriteString(compared(p, k))
		}
	}
	return b.String()
}

// compared is what is compared of an object.
func compared(o *schema.Object, k *schema.Kind) string {
	var b strings.Builder
	for i, name := range o.Attrs.Names {
		if a, ok := k.Attr(name); ok && !a.Fact {
			fmt.Fprintf(&b, "%s=%s\x00", name, o.Attrs.Values[i])
		}
	}
	return b.String()
}

// owned is the evidence that an object's ties are, as the column whose values a
// sequence counts; without any there is none.
func (in *inference) owned(s *schema.Snapshot, o *schema.Object) string {
	evidence := o.ID.String()
	for _, p := range in.partsOf(s)[o.ID] {
		if k := in.kinds.Find(p.ID.Kind); k.Noun == "" && !k.Hangs {
			evidence = compared(p, k)
		}
	}
	return evidence
}

// numbered lists the parts of an object that have a number, in order.
func (in *inference) numbered(s *schema.Snapshot, id schema.ID) []*schema.Object {
	var out []*schema.Object
	for _, o := range in.partsOf(s)[id] {
		if in.hasNumber(o) {
			out = append(out, o)
		}
	}
	return out
}

// hasNumber reports whether a part has a number of its own within its parent.
func (in *inference) hasNumber(o *schema.Object) bool {
	return numbered(o) && in.kinds.Find(o.ID.Kind).Rename != nil
}

// numbered reports whether an object is named after its parent, and has a number.
func numbered(o *schema.Object) bool {
	return o.Order > 0 && strings.HasPrefix(o.ID.Name, o.Parent.Name+".")
}

// partsOf lists the parts in a state by their parents, in order.
func (in *inference) partsOf(s *schema.Snapshot) map[schema.ID][]*schema.Object {
	if in.parts[s] != nil {
		return in.parts[s]
	}
	out := map[schema.ID][]*schema.Object{}
	for _, o := range s.Sorted() {
		if !o.Parent.IsZero() {
			out[o.Parent] = append(out[o.Parent], o)
		}
	}
	in.parts[s] = out
	return out
}

// matchNames looks for objects that were renamed and have changed as well. The
// names that parts have in the server's name spaces, such as those of a table's
// indexes, stay when it is renamed: one that shares any with a new object, and
// half of its numbered parts, is that object.
func (in *inference) matchNames(gone, fresh []*schema.Object) {
	holders := map[string]*schema.Object{}
	for _, o := range fresh {
		for _, name := range in.namesOfParts(in.to, o) {
			holders[name] = o
		}
	}
	in.pair(gone, func(o *schema.Object) []*schema.Object {
		var heirs []*schema.Object
		for _, name := range in.namesOfParts(in.from, o) {
			if h := holders[name]; h != nil && h.ID.Kind == o.ID.Kind && !slices.Contains(heirs, h) && in.alike(o, h) {
				heirs = append(heirs, h)
			}
		}
		return heirs
	})
}

// matchUsers looks for objects that were renamed and have changed, as types, by
// what needs them: one that resembles a new object which is all that took its
// place, there and only there, among what is in both states.
func (in *inference) matchUsers(gone, fresh []*schema.Object) {
	sought := func(o *schema.Object) bool {
		k := in.kinds.Find(o.ID.Kind)
		return k.Resembles != nil || k.Sought
	}
	if gone, fresh = filter(gone, sought), filter(fresh, sought); len(gone) == 0 || len(fresh) == 0 {
		return
	}
	u := in.users()
	byUsers, byLikes := map[string][]*schema.Object{}, map[string][]*schema.Object{}
	for _, o := range fresh {
		users, likes := u.key(in.to, u.is, u.before, o), u.likes(in.to, u.is, o)
		byUsers[users], byLikes[likes] = append(byUsers[users], o), append(byLikes[likes], o)
	}
	in.pair(gone, func(old *schema.Object) []*schema.Object {
		return filter(byUsers[u.key(in.from, u.was, u.present, old)], func(now *schema.Object) bool { return in.resemble(old, now) && u.same(old, now) })
	})
	if len(in.renames) > 0 {
		return
	}
	in.pair(gone, func(old *schema.Object) []*schema.Object {
		return filter(byLikes[u.likes(in.from, u.was, old)], func(now *schema.Object) bool { return in.resemble(old, now) })
	})
}

// resemble reports whether two objects are what the kind takes for one.
func (in *inference) resemble(old, now *schema.Object) bool {
	k := in.kinds.Find(old.ID.Kind)
	return k.Rename(old, now) != nil && (k.Resembles != nil && k.Resembles(old, now) || k.Sought && compared(old, k) == compared(now, k))
}

// users knows who needs what in the two states, by the places of these, and which
// places there are.
type users struct {
	in              *inference
	was, is         map[schema.ID][]schema.ID
	before, present map[string]bool
}

func (in *inference) users() *users {
	u := &users{in, dependents(in.from), dependents(in.to), map[string]bool{}, map[string]bool{}}
	for id := range in.from.Objects {
		u.before[in.place(in.from, id)] = true
	}
	for id := range in.to.Objects {
		u.present[in.place(in.to, id)] = true
	}
	return u
}

// key is what two objects have in common if the same need both: their kind, and the
// first place of what is in the other state too; or else one that is named after them.
func (u *users) key(s *schema.Snapshot, needed map[schema.ID][]schema.ID, other map[string]bool, o *schema.Object) string {
	without := func(place string) string { return replaceName(place, o.ID.Name, "") }
	places := u.places(s, o, needed, func(place string) (string, bool) { return place, other[place] && without(place) == place })
	if len(places) == 0 {
		places = u.places(s, o, needed, func(place string) (string, bool) { return without(place), without(place) != place })
	}
	if len(places) == 0 {
		return o.ID.String()
	}
	return o.ID.Kind + "\x00" + places[0]
}

// likes is the evidence that the kinds of those are which need an object that is
// sought, if they stand alone: they may have been renamed as well.
func (u *users) likes(s *schema.Snapshot, needed map[schema.ID][]schema.ID, o *schema.Object) string {
	var out []string
	for _, d := range needed[o.ID] {
		switch user := s.Objects[d]; {
		case u.in.kinds.Find(d.Kind).Hangs || isPart(s, user, o.ID):
		case !user.Parent.IsZero():
			return o.ID.String()
		default:
			out = append(out, d.Kind)
		}
	}
	if len(out) == 0 || !u.in.kinds.Find(o.ID.Kind).Sought {
		return o.ID.String()
	}
	slices.Sort(out)
	return o.ID.Kind + "\x00" + strings.Join(out, "\x00")
}

// same reports whether those that need old, of what stays, are those that need now.
func (u *users) same(old, now *schema.Object) bool {
	was := u.places(u.in.from, old, u.was, func(place string) (string, bool) {
		place = replaceName(place, old.ID.Name, now.ID.Name)
		return place, u.present[place]
	})
	is := u.places(u.in.to, now, u.is, func(place string) (string, bool) {
		return place, u.before[place] || u.before[replaceName(place, now.ID.Name, old.ID.Name)]
	})
	return len(was) > 0 && slices.Equal(was, is)
}

// places lists the places of those that need an object, stay, and neither hang on
// it nor are its parts.
func (u *users) places(s *schema.Snapshot, o *schema.Object, needed map[schema.ID][]schema.ID, stays func(place string) (string, bool)) []string {
	var out []string
	for _, d := range needed[o.ID] {
		if u.in.kinds.Find(d.Kind).Hangs || isPart(s, s.Objects[d], o.ID) {
			continue
		}
		if place, ok := stays(u.in.place(s, d)); ok {
			out = append(out, place)
		}
	}
	slices.Sort(out)
	return out
}

// place says where an object stands: by its number rather than its name, which it
// may have changed.
func (in *inference) place(s *schema.Snapshot, id schema.ID) string {
	o := s.Objects[id]
	switch {
	case o == nil || o.Parent.IsZero():
		return in.now(id).String()
	case in.hasNumber(o):
		return fmt.Sprintf("%s %d of %s", id.Kind, o.Order, in.place(s, o.Parent))
	}
	return fmt.Sprintf("%s %s of %s", id.Kind, strings.ReplaceAll(id.Name, o.Parent.Name, ""), in.place(s, o.Parent))
}

// namesOfParts lists the names that the parts of an object take.
func (in *inference) namesOfParts(s *schema.Snapshot, o *schema.Object) []string {
	var out []string
	for _, p := range in.partsOf(s)[o.ID] {
		if names := in.kinds.Find(p.ID.Kind).Names; names != nil {
			out = append(out, names(p)...)
		}
	}
	return out
}

// alike reports whether half of the numbered parts of old are those of now.
func (in *inference) alike(old, now *schema.Object) bool {
	has := map[string]bool{}
	for _, p := range in.numbered(in.to, now.ID) {
		has[fmt.Sprint(p.Order, strings.TrimPrefix(p.ID.Name, now.ID.Name))] = true
	}
	parts, same := in.numbered(in.from, old.ID), 0
	for _, p := range parts {
		if has[fmt.Sprint(p.Order, strings.TrimPrefix(p.ID.Name, old.ID.Name))] {
			same++
		}
	}
	return 2*same >= len(parts)
}

// matchNumbers looks for parts that the number alone gives away, since another
// of the same name, or a change, hides them: a part that was renamed to the name
// of one that is gone, as a column that becomes the key; one whose name a new
// part has taken; and one that resembles what has its number now.
func (in *inference) matchNumbers() {
	for _, old := range in.from.Sorted() {
		if old.Parent.IsZero() || !in.hasNumber(old) {
			continue
		}
		if now := in.ofNumber(in.to, in.now(old.Parent), old); now != nil && now.ID != old.ID && in.numberSays(old, now) {
			in.found(Renaming{old.ID, now.ID})
		}
	}
}

// numberSays reports whether old is what now has its number.
func (in *inference) numberSays(old, now *schema.Object) bool {
	k := in.kinds.Find(old.ID.Kind)
	taken, left := in.from.Objects[now.ID], in.to.Objects[old.ID]
	switch {
	case taken != nil && left != nil:
		return false // numbers that were mixed up prove nothing
	case taken == nil && left == nil:
		return k.Resembles != nil && k.Resembles(old, now)
	case taken != nil && (in.ofNumber(in.to, now.Parent, taken) != nil || len(differing(taken, now, k)) == 0):
		return false
	case left != nil && (in.ofNumber(in.from, old.Parent, left) != nil || len(differing(old, left, k)) == 0):
		return false
	}
	return in.evidence(in.from, old, now.Parent) == in.evidence(in.to, now, now.Parent)
}

// ofNumber is the part of parent that has the kind and the number of o, or nil.
func (in *inference) ofNumber(s *schema.Snapshot, parent schema.ID, o *schema.Object) *schema.Object {
	for _, p := range in.partsOf(s)[parent] {
		if p.ID.Kind == o.ID.Kind && p.Order == o.Order && in.hasNumber(p) {
			return p
		}
	}
	return nil
}
