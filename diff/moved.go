package diff

import (
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// moved returns the state in which what needs an object that takes names along
// as it changes, such as an extension that moves to another schema, has the new
// names in its texts already; the object itself still differs. What is dropped
// must wait for the change then (linkDrop).
func moved(from, to *schema.Snapshot, kinds schema.Kinds) *schema.Snapshot {
	for id, names := range moves(from, to, kinds) {
		from = move(from, id, names, kinds)
	}
	return from
}

// moves lists the names that each object takes along between two states.
func moves(from, to *schema.Snapshot, kinds schema.Kinds) map[schema.ID][][2]string {
	out := map[schema.ID][][2]string{}
	for _, k := range kinds {
		if !slices.ContainsFunc(k.Attrs, func(a schema.Attr) bool { return a.Moves != nil }) {
			continue
		}
		for id, old := range from.Objects {
			if id.Kind != k.Name || to.Objects[id] == nil {
				continue
			}
			if names := movesOf(old, to.Objects[id], k); len(names) > 0 {
				out[id] = names
			}
		}
	}
	return out
}

// movesOf lists the names that an object takes along between two states.
func movesOf(old, new *schema.Object, k *schema.Kind) [][2]string {
	var out [][2]string
	for _, a := range k.Attrs {
		if a.Moves != nil && old.Get(a.Name) != new.Get(a.Name) {
			out = append(out, a.Moves(old, new)...)
		}
	}
	return out
}

// move is the state after one object took names along.
func move(s *schema.Snapshot, id schema.ID, names [][2]string, kinds schema.Kinds) *schema.Snapshot {
	of := reliant(s, id)
	now := func(id schema.ID) schema.ID {
		if of[id] {
			id.Name = replaceNames(id.Name, names)
		}
		return id
	}
	touched := func(id schema.ID) bool { return of[id] }
	return rewrite(s, kinds, touched, now, func(o *schema.Object, a *schema.Attr, text string) string {
		return replaceNames(text, names)
	})
}

// rewrite is a state in which what is touched has other IDs and texts, but for
// what the server keeps as it was written, such as comments and rows.
func rewrite(s *schema.Snapshot, kinds schema.Kinds, touched func(schema.ID) bool, now func(schema.ID) schema.ID, text func(*schema.Object, *schema.Attr, string) string) *schema.Snapshot {
	out := *s
	out.Objects = make(map[schema.ID]*schema.Object, len(s.Objects))
	for _, old := range s.Objects {
		if !touched(old.ID) {
			out.Objects[old.ID] = old
			continue
		}
		o := *old
		o.ID, o.Parent = now(old.ID), now(old.Parent)
		o.Needs, o.With = each(old.Needs, now), each(old.With, now)
		o.Attrs.Values = slices.Clone(old.Attrs.Values)
		k := kinds.Find(old.ID.Kind)
		for i, name := range old.Attrs.Names {
			a, ok := k.Attr(name)
			written := k.Open || k.Hangs || ok && a.Verbatim != nil && a.Verbatim(old)
			if !ok || a.Fact || !written {
				o.Attrs.Values[i] = text(old, a, old.Attrs.Values[i])
			}
		}
		out.Objects[o.ID] = &o
	}
	return &out
}

// reliant lists all that needs any of some objects, directly or not.
func reliant(s *schema.Snapshot, on ...schema.ID) map[schema.ID]bool {
	out, of := map[schema.ID]bool{}, dependents(s)
	for queue := on; len(queue) > 0; queue = queue[1:] {
		for _, d := range of[queue[0]] {
			if !out[d] {
				out[d] = true
				queue = append(queue, d)
			}
		}
	}
	return out
}

func each(list []schema.ID, f func(schema.ID) schema.ID) []schema.ID {
	out := make([]schema.ID, len(list))
	for i, id := range list {
		out[i] = f(id)
	}
	return out
}

func replaceNames(text string, names [][2]string) string {
	for _, n := range names {
		if strings.Contains(text, n[0]) {
			text = replaceName(text, n[0], n[1])
		}
	}
	return text
}
