package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// A Conflict is an object of which two changes of one state want different
// things.
type Conflict struct {
	ID  schema.ID
	Why string
}

func (c Conflict) String() string { return c.ID.String() + ": " + c.Why }

// Merge brings the changes from base to ours upon theirs, which comes of base
// as well. It follows three laws:
//
//   - What both changed alike is changed once.
//   - An attribute that one changed and the other did not is as the one wants it.
//   - What one needs the other has not dropped.
//
// Where a law cannot be kept there is a conflict, and the state is not to be used.
func Merge(base, ours, theirs *schema.Snapshot, kinds schema.Kinds) (*schema.Snapshot, []Conflict) {
	out := *theirs
	out.Objects = maps.Clone(theirs.Objects)
	var conflicts []Conflict
	for _, c := range Compare(base, ours, kinds) {
		o, why := bring(c, theirs.Objects[c.ID()], kinds.Find(c.ID().Kind))
		switch {
		case why != "":
			conflicts = append(conflicts, Conflict{c.ID(), why})
		case o == nil:
			delete(out.Objects, c.ID())
		default:
			out.Objects[c.ID()] = o
		}
	}
	if len(conflicts) == 0 {
		rely(&out, base, ours, theirs)
		conflicts = unmet(&out, ours, theirs)
	}
	return &out, conflicts
}

// bring is an object as it is with the change made to theirs, nil for none, or
// why it cannot be made.
func bring(c Change, theirs *schema.Object, k *schema.Kind) (*schema.Object, string) {
	switch {
	case c.New == nil && theirs == nil:
		return nil, ""
	case c.New == nil:
		if attrs := differing(c.Old, theirs, k); len(attrs) > 0 {
			return nil, "one branch drops it, the other changes its " + strings.Join(attrs, ", ")
		}
		return nil, ""
	case theirs == nil && c.Old == nil:
		return c.New, ""
	case theirs == nil:
		return nil, "one branch drops it, the other changes its " + strings.Join(c.Attrs, ", ")
	case c.Old == nil:
		if attrs := differing(c.New, theirs, k); len(attrs) > 0 {
			return nil, "both branches make it, and differ in its " + strings.Join(attrs, ", ")
		}
		return theirs, ""
	}
	return alter(c, theirs, k)
}

// alter is theirs with the attributes that the change alters.
func alter(c Change, theirs *schema.Object, k *schema.Kind) (*schema.Object, string) {
	out := *theirs
	out.Attrs.Values = slices.Clone(theirs.Attrs.Values)
	changed := differing(c.Old, theirs, k)
	for _, a := range c.Attrs {
		if slices.Contains(changed, a) && theirs.Get(a) != c.New.Get(a) {
			return nil, "both branches change its " + a
		}
		i := slices.Index(out.Attrs.Names, a)
		if i < 0 {
			return nil, "one branch changes its " + a + ", the other has none"
		}
		out.Attrs.Values[i] = c.New.Get(a)
	}
	return &out, ""
}

// rely has each object that was there before need what it needs after both
// changes: an object that is equal on both sides may need another one than it did.
func rely(merged, base, ours, theirs *schema.Snapshot) {
	for id, o := range merged.Objects {
		b, x, y := base.Objects[id], ours.Objects[id], theirs.Objects[id]
		if b == nil || x == nil || y == nil {
			continue
		}
		as := *o
		as.Needs, as.With = both(b.Needs, x.Needs, y.Needs), both(b.With, x.With, y.With)
		merged.Objects[id] = &as
	}
}

// both is a list that two sides have changed, or one of them.
func both(base, x, y []schema.ID) []schema.ID {
	switch {
	case slices.Equal(base, x):
		return y
	case slices.Equal(base, y):
		return x
	}
	out := slices.Concat(x, y)
	slices.SortFunc(out, schema.CompareIDs)
	return slices.Compact(out)
}

// unmet lists what needs an object that one side has and the merge has not.
func unmet(merged *schema.Snapshot, sides ...*schema.Snapshot) (out []Conflict) {
	for _, o := range merged.Sorted() {
		for _, need := range append(slices.Clip(o.Needs), o.Parent) {
			dropped := slices.ContainsFunc(sides, func(s *schema.Snapshot) bool { return s.Objects[need] != nil })
			if dropped && merged.Objects[need] == nil {
				out = append(out, Conflict{o.ID, fmt.Sprintf("it needs %s, which the other branch drops", need)})
				break
			}
		}
	}
	return out
}
