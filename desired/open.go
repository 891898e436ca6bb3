package desired

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// openKinds says which objects of open kinds (schema.Kind.Open) count: a
// database may hold more of them than its history makes.
type openKinds struct {
	kinds map[string]bool
	read  []string           // the tables whose rows were read on every side
	made  map[schema.ID]bool // what replayed histories make; nil where none was replayed
}

func newOpenKinds(kinds schema.Kinds, sides []*Built) openKinds {
	o := openKinds{kinds: map[string]bool{}}
	for _, k := range kinds {
		if k.Open {
			o.kinds[k.Name] = true
		}
	}
	for i, side := range sides {
		if i == 0 {
			o.read = slices.Clone(side.Snapshot.Seeds)
		}
		o.read = slices.DeleteFunc(o.read, func(t string) bool { return !slices.Contains(side.Snapshot.Seeds, t) })
		if !side.Replayed {
			continue
		}
		if o.made == nil {
			o.made = map[schema.ID]bool{}
		}
		for id := range side.Snapshot.Objects {
			if o.kinds[id.Kind] {
				o.made[id] = true
			}
		}
	}
	return o
}

const (
	unmadeRule = "rows that no migration makes"
	unreadRule = "rows that were not read on both sides"
)

// rule is why an object is left out, "" if it is not.
func (o openKinds) rule(obj *schema.Object) string {
	switch {
	case !o.kinds[obj.ID.Kind]:
		return ""
	case !slices.Contains(o.read, obj.Parent.Name):
		return unreadRule
	case o.made != nil && !o.made[obj.ID]:
		return unmadeRule
	}
	return ""
}
