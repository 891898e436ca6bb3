package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// depart ends the ties of what a mirror is a part of that are to end, where it is to
// be renamed by itself: the server renames no mirror. It returns the state after
// that, in which what mirrored through the ties is its own, and the steps.
func depart(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) (*schema.Snapshot, []Step, error) {
	old, now := state.Objects[r.Old], to.Objects[r.New]
	if old == nil || now == nil {
		return state, nil, nil
	}
	k := kinds.Find(r.Old.Kind)
	if k.Mirror == nil || k.Mirror(old) != schema.Demanded || k.Mirror(now) != schema.Own || follows(state, to, k, old, now) {
		return state, nil, nil
	}
	child := outer(state, old)
	rest := *state
	rest.Objects = make(map[schema.ID]*schema.Object, len(state.Objects))
	var left []schema.ID
	for id, o := range state.Objects {
		if o.Parent == child && kinds.Find(id.Kind).Tie && to.Objects[id] == nil {
			left = append(left, o.Needs...)
		} else {
			rest.Objects[id] = o
		}
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

// departed is a part of a child that some parents were left by.
func departed(s *schema.Snapshot, k *schema.Kind, o *schema.Object, left []schema.ID) *schema.Object {
	gone := func(id schema.ID) bool { return slices.Contains(left, outer(s, s.Objects[id])) }
	if k.Apart == nil || k.Mirror(o) == schema.Own || !slices.ContainsFunc(o.Needs, gone) {
		return o
	}
	out := *o
	out.Needs = slices.DeleteFunc(slices.Clone(o.Needs), gone)
	out.With = slices.DeleteFunc(slices.Clone(o.With), gone)
	if slices.ContainsFunc(out.Needs, func(id schema.ID) bool { return id.Kind == o.ID.Kind && outer(s, s.Objects[id]) != outer(s, o) }) {
		return &out // it mirrors another
	}
	return k.Apart(&out)
}
