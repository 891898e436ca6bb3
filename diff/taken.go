package diff

import (
	"maps"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// giveWay drops what is there already and would be taken for mirrors that are
// brought, so that it is made after them. It reports whether there was any.
func (f *fates) giveWay() bool {
	mirrors := map[schema.ID]schema.ID{}
	for id, o := range f.to.Objects {
		if f.from.Objects[id] == nil || f.dropped[id] != nil {
			continue
		}
		taken := f.taken(o)
		if i := slices.IndexFunc(taken, f.brings); i >= 0 {
			mirrors[id] = taken[i]
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(mirrors), schema.CompareIDs) {
		f.drop(id, mirrors[id])
	}
	return len(mirrors) > 0
}

// brings reports whether an object comes to be a mirror: with what it repeats,
// or with the tie that has it do so.
func (f *fates) brings(id schema.ID) bool {
	was, is := f.from.Objects[id], f.to.Objects[id]
	switch {
	case is == nil || f.mirror(is) != schema.Brought:
		return false
	case was == nil || f.created[id] != nil || f.mirror(was) == schema.Own:
		return true
	}
	child := outer(f.to, is)
	return slices.ContainsFunc(f.dependents[child], func(tie schema.ID) bool {
		return f.kinds[tie.Kind].Tie && f.created[tie] != nil && f.created[tie].Parent == child
	})
}

// taken lists the mirrors that an object would be taken for.
func (f *fates) taken(o *schema.Object) []schema.ID {
	if t := f.kinds[o.ID.Kind].Taken; t != nil {
		return t(o)
	}
	return nil
}

// linkTaken adds rule 11.
func (g *graph) linkTaken(n *node) {
	if n.action != Create {
		return
	}
	for _, id := range g.f.taken(g.f.created[n.id]) {
		mirror := g.f.to.Objects[id]
		if mirror == nil {
			continue
		}
		for _, first := range append([]schema.ID{id}, mirror.Needs...) {
			if c := g.creates[first]; c != nil {
				n.before = append(n.before, c)
			}
		}
	}
}
