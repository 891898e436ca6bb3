package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// remake drops, so that they are made again, those dependents of a changing
// object that the server would make anew by itself, but not as they are.
func (f *fates) remake(id schema.ID) { f.blockMirrored(id, id, f.forgets) }

// forgets reports whether the server forgets something of an object that it
// makes anew. Of its mirrors it makes what a tie brings: their own names and
// settings are lost, what hangs on them, and what hangs on the object may be
// passed on to them.
func (f *fates) forgets(id schema.ID) bool {
	forgets := f.kinds[id.Kind].Forgets
	if forgets == nil {
		return false
	}
	hangs, mirrored := false, false
	for _, d := range f.dependents[id] {
		hangs = hangs || f.kinds[d.Kind].Hangs
		if f.repeats(d, id) {
			mirrored = true
			if f.particular(d) {
				return true
			}
		}
	}
	return hangs && mirrored || forgets(f.from.Objects[id])
}

// particular reports whether a mirror, or a mirror of it, is more than what a
// tie brings, but for what was declared too, which the server keeps.
func (f *fates) particular(mirror schema.ID) bool {
	o, k := f.from.Objects[mirror], f.kinds[mirror.Kind]
	declared := k.Stays != nil && k.Stays(o)
	return f.mirror(o) == schema.Attached || !declared && len(k.Create(schema.Built{Object: o, Tied: true})) > 0 ||
		slices.ContainsFunc(f.dependents[mirror], func(d schema.ID) bool {
			return f.kinds[d.Kind].Hangs || f.repeats(d, mirror) && f.particular(d)
		})
}

// repeats reports whether an object is a mirror of another.
func (f *fates) repeats(mirror, id schema.ID) bool {
	return mirror.Kind == id.Kind && f.mirror(f.from.Objects[mirror]) != schema.Own
}
