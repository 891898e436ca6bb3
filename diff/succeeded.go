package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// matchSucceeded looks for objects that were renamed to be tied to what has their
// name now, as a table does that is a partition of the partitioned one: what would
// be made anew, with its rows lost, and whose numbered parts are those of the only
// new object that is tied to its successor.
func (in *inference) matchSucceeded(fresh []*schema.Object) {
	var succeeded []*schema.Object
	tied := map[schema.ID][]*schema.Object{}
	for _, now := range fresh {
		for _, id := range in.tiedTo(now) {
			if o := in.from.Objects[id]; o != nil && tied[id] == nil && in.succeeded(o) {
				succeeded = append(succeeded, o)
			}
			tied[id] = append(tied[id], now)
		}
	}
	in.pair(succeeded, func(o *schema.Object) []*schema.Object {
		shape := in.shape(in.from, o)
		return filter(tied[o.ID], func(now *schema.Object) bool { return shape != "" && in.shape(in.to, now) == shape })
	})
}

// tiedTo lists what the ties of a wanted object tie it to.
func (in *inference) tiedTo(o *schema.Object) []schema.ID {
	var out []schema.ID
	for _, p := range in.partsOf(in.to)[o.ID] {
		if in.kinds.Find(p.ID.Kind).Tie {
			out = append(out, p.Needs...)
		}
	}
	return out
}

// succeeded reports whether an object would be made anew, and lose rows.
func (in *inference) succeeded(o *schema.Object) bool {
	k, now := in.kinds.Find(o.ID.Kind), in.to.Objects[o.ID]
	if k.Rename == nil || k.Loses == nil || !k.Loses(o) || now == nil {
		return false
	}
	return slices.ContainsFunc(differing(o, now, k), func(name string) bool {
		a, _ := k.Attr(name)
		return a.Alter == nil || a.Alter(o, now) == nil
	})
}
