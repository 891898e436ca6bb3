package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// depart ends the ties of what a mirror is a part of that are to end, where it is to
// be renamed by itself, be it to mirror another: the server renames no mirror. It
// returns the state after that, in which what mirrored through the ties is its own,
// and the steps.
func depart(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) (*schema.Snapshot, []Step, error) {
	old, now := state.Objects[r.Old], to.Objects[r.New]
	if old == nil || now == nil {
		return state, nil, nil
	}
	k := kinds.Find(r.Old.Kind)
	if k.Mirror == nil || k.Mirror(old) != schema.Demanded || follows(state, to, k, old, now) {
		return state, nil, nil
	}
	child := outer(state, old)
	rest := *state
	rest.Objects = make(map[schema.ID]*schema.Object, len(state.Objects))
	var left []schema.ID
	for id, o := range state.Objects {
		if o.Parent == child && kinds.Find(id.Kind).Tie && ends(o, to) {
			left = append(left, o.Needs...)
		} else {
			rest.Objects[id] = o
		}
	}
	if k.Mirror(now) != schema.Own && k.Mirror(departed(state, k, old, left)) != schema.Own {
		return state, nil, nil
	}
	for id, o := range rest.Objects {
		if outer(state, o) == child {
			rest.Objects[id] = departed(state, kinds.Find(id.Kind), o, left)
		}
	}
	var plan Plan
	err := plan.add(state, &rest, kinds)
	return &rest, plan.Steps, err
}

// ends reports whether a tie goes, or ties its object to something else.
func ends(tie *schema.Object, to *schema.Snapshot) bool {
	wanted := to.Objects[tie.ID]
	return wanted == nil || slices.ContainsFunc(tie.Needs, func(id schema.ID) bool { return !slices.Contains(wanted.Needs, id) })
}

// departed is a child that has left some parents, or a part of it.
func departed(s *schema.Snapshot, k *schema.Kind, o *schema.Object, left []schema.ID) *schema.Object {
	gone := func(id schema.ID) bool { return slices.Contains(left, outer(s, s.Objects[id])) }
	mirrors := k.Apart != nil && k.Mirror(o) != schema.Own
	if !mirrors && !o.Parent.IsZero() || !slices.ContainsFunc(slices.Concat(o.Needs, o.With), gone) {
		return o
	}
	out := *o
	out.Needs = slices.DeleteFunc(slices.Clone(o.Needs), gone)
	out.With = slices.DeleteFunc(slices.Clone(o.With), gone)
	another := func(id schema.ID) bool { return id.Kind == o.ID.Kind && outer(s, s.Objects[id]) != outer(s, o) }
	if !mirrors || slices.ContainsFunc(out.Needs, another) {
		return &out
	}
	return k.Apart(&out)
}
