// Package diff compares two snapshots and plans the statements that turn one
// into the other. It talks to no server and names no kind of object.
package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// A Change is an object that differs between two snapshots: Old is nil for
// one that is new, New for one that is gone.
type Change struct {
	Old, New *schema.Object
	// Attrs names the attributes that differ, where both are there.
	Attrs []string
}

// ID identifies the object.
func (c Change) ID() schema.ID {
	if c.New != nil {
		return c.New.ID
	}
	return c.Old.ID
}

// Compare lists what differs, ordered by ID. No changes, no drift.
func Compare(from, to *schema.Snapshot, kinds schema.Kinds) []Change {
	var out []Change
	for id, old := range from.Objects {
		now, ok := to.Objects[id]
		if !ok {
			out = append(out, Change{Old: old})
			continue
		}
		if attrs := differing(old, now, kinds.Find(id.Kind)); len(attrs) > 0 {
			out = append(out, Change{old, now, attrs})
		}
	}
	for id, now := range to.Objects {
		if _, ok := from.Objects[id]; !ok {
			out = append(out, Change{New: now})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return schema.CompareIDs(a.ID(), b.ID()) })
	return out
}

// differing names the attributes that differ. An attribute that only one of
// two majors knows is not compared.
func differing(old, now *schema.Object, k *schema.Kind) []string {
	if slices.Equal(old.Attrs.Values, now.Attrs.Values) && len(old.Attrs.Names) == len(now.Attrs.Names) {
		return nil
	}
	var out []string
	for i, name := range old.Attrs.Names {
		a, ok := k.Attr(name)
		if !ok || a.Fact {
			continue
		}
		j := slices.Index(now.Attrs.Names, name)
		if j >= 0 && old.Attrs.Values[i] != now.Attrs.Values[j] &&
			old.Attrs.Values[i] != schema.NotVisible && now.Attrs.Values[j] != schema.NotVisible {
			out = append(out, name)
		}
	}
	return out
}
