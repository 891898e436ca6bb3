package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// depart ends the ties of what a mirror is a part of that are to end, where it is to
// be renamed by itself, be it to mirror another: the server renames no mirror. So it
// does where a mirror would be renamed with what it repeats, and is not wanted so. It
// returns the state after that, in which what mirrored through the ties is its own,
// and the steps.
func depart(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) (*schema.Snapshot, []Step, error) {
	old, now, k := state.Objects[r.Old], to.Objects[r.New], kinds.Find(r.Old.Kind)
	switch {
	case old == nil || now == nil || k.Mirror == nil:
		return state, nil, nil
	case k.Mirror(old) == schema.Demanded && !follows(state, to, k, old, now):
		return leaveParents(state, to, kinds, old, k.Mirror(now) == schema.Own)
	}
	var steps []Step
	for _, o := range takenAlong(state, to, k, old, now) {
		rest, more, err := leaveParents(state, to, kinds, o, false)
		if err != nil {
			return nil, nil, err
		}
		state, steps = rest, slices.Concat(steps, more)
	}
	return state, steps, nil
}

// leaveParents ends the ties that are to end of what a mirror is a part of, if it is
// its own then, or is to be in the end.
func leaveParents(state, to *schema.Snapshot, kinds schema.Kinds, mirror *schema.Object, own bool) (*schema.Snapshot, []Step, error) {
	k, child := kinds.Find(mirror.ID.Kind), outer(state, mirror)
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
	if !own && k.Mirror(departed(state, k, mirror, left)) != schema.Own {
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

// takenAlong lists the mirrors of an object, and theirs, in what stays, which would
// be renamed with it though that is not what they are to be.
func takenAlong(state, to *schema.Snapshot, k *schema.Kind, old, now *schema.Object) []*schema.Object {
	var out []*schema.Object
	of, seen := dependents(state), map[schema.ID]bool{}
	for queue := []schema.ID{old.ID}; len(queue) > 0; queue = queue[1:] {
		for _, id := range of[queue[0]] {
			o := state.Objects[id]
			if id.Kind != old.ID.Kind || k.Mirror(o) != schema.Demanded || seen[id] {
				continue
			}
			seen[id] = true
			queue = append(queue, id)
			heir := to.Objects[schema.ID{Kind: id.Kind, Name: o.Parent.Name + "." + word(now)}]
			if to.Objects[outer(state, o)] != nil && (heir == nil || heir.Order != o.Order) {
				out = append(out, o)
			}
		}
	}
	return out
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
