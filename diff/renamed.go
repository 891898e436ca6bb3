package diff

import (
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// rename returns the state after one renaming: the object, what is a part of
// it and what needs it under their new names, and in the server's text of what
// follows renames the new name in place of the old. If that is not what the
// server will print, the object is taken for changed, or the proof will tell.
func rename(s, to *schema.Snapshot, kinds schema.Kinds, r Renaming) *schema.Snapshot {
	if s.Objects[r.Old] == nil || to.Objects[r.New] == nil {
		return s
	}
	m := &renamer{s: s, to: to, kinds: kinds, r: r}
	m.oldWord, m.newWord = inTexts(word(s.Objects[r.Old])), inTexts(word(to.Objects[r.New]))
	out := *s
	out.Objects = make(map[schema.ID]*schema.Object, len(s.Objects))
	for _, o := range s.Objects {
		moved := m.object(o)
		out.Objects[moved.ID] = moved
	}
	return &out
}

type renamer struct {
	s, to            *schema.Snapshot
	kinds            schema.Kinds
	r                Renaming
	oldWord, newWord string
}

// word is an object's own name within its ID.
func word(o *schema.Object) string {
	name := o.ID.Name
	if w, ok := strings.CutPrefix(name, o.Parent.Name+"."); ok && !o.Parent.IsZero() {
		return w
	}
	if w, ok := strings.CutSuffix(name, " on "+o.Parent.Name); ok && !o.Parent.IsZero() {
		return w
	}
	return name
}

// id is what an ID is after the renaming, if it belongs to the renamed object.
func (m *renamer) id(id schema.ID) schema.ID {
	if id == m.r.Old {
		return m.r.New
	}
	o := m.s.Objects[id]
	if o == nil {
		return id
	}
	if !m.part(o) && !m.needs(o) {
		if parent := m.id(o.Parent); parent != o.Parent { // such as a function, which is named after its arguments
			id.Name = replaceName(id.Name, o.Parent.Name, parent.Name)
		}
		return id
	}
	if m.kinds.Find(id.Kind).Rename != nil && !m.part(o) && !m.namesake(o) && strings.HasPrefix(id.Name, m.oldWord) { // it has a name of its own, and that is the same, as a function's may be its argument's type's
		return schema.ID{Kind: id.Kind, Name: m.oldWord + replaceName(id.Name[len(m.oldWord):], m.r.Old.Name, m.r.New.Name)}
	}
	out := schema.ID{Kind: id.Kind, Name: replaceName(id.Name, m.r.Old.Name, m.r.New.Name)}
	if out == id && m.part(o) { // such as a constraint's index, which has its name in a schema
		out.Name = replaceName(id.Name, m.oldWord, m.newWord)
	}
	return out
}

// part reports whether o is a part of the renamed object, at any depth.
func (m *renamer) part(o *schema.Object) bool { return isPart(m.s, o, m.r.Old) }

// isPart reports whether o is a part of another object, at any depth.
func isPart(s *schema.Snapshot, o *schema.Object, of schema.ID) bool {
	for o != nil && !o.Parent.IsZero() {
		if o.Parent == of {
			return true
		}
		o = s.Objects[o.Parent]
	}
	return false
}

// object is o after the renaming.
func (m *renamer) object(o *schema.Object) *schema.Object {
	out := *o
	out.ID, out.Parent = m.id(o.ID), m.id(o.Parent)
	out.Needs, out.With = m.ids(o.Needs), m.ids(o.With)
	own := o.ID == m.r.Old || m.part(o)
	holds := o.ID == m.s.Objects[m.r.Old].Parent // its text may name its part, as a partition key does
	if !own && !holds && !m.needs(o) && out.ID == o.ID {
		return &out
	}
	others := !holds && m.renamesPart() // of another object
	k := m.kinds.Find(o.ID.Kind)
	wanted := m.to.Objects[out.ID]
	strays := !holds && wanted != nil && (own && wanted.Parent != out.Parent || !own && !m.reaches(wanted))
	out.Attrs.Values = slices.Clone(o.Attrs.Values)
	for i, name := range out.Attrs.Names {
		a, _ := k.Attr(name)
		switch {
		case a.Lists && others, a.Relabels != nil && holds: // see relabel
		case strays && !a.Fact:
			out.Attrs.Values[i] = replaceName(out.Attrs.Values[i], m.oldWord, m.newWord)
		case others && labels(out.Attrs.Values[i], m.oldWord):
		case a.Fact && (own || out.ID != o.ID), !a.Fact && (k.Follows || a.Follows || a.Lists):
			out.Attrs.Values[i] = m.value(wanted, name, out.Attrs.Values[i])
		}
	}
	m.relabel(k, o, &out, wanted)
	return &out
}

// renamesPart reports whether what is renamed is a part, as a column.
func (m *renamer) renamesPart() bool { return !m.s.Objects[m.r.Old].Parent.IsZero() }

// reaches reports whether a wanted object needs the renamed one. If it does
// not, but did, a text that is still the same means another object now, which
// took the old name.
func (m *renamer) reaches(wanted *schema.Object) bool {
	for _, n := range slices.Concat(wanted.Needs, wanted.With) {
		for o := m.to.Objects[n]; o != nil; o = m.to.Objects[o.Parent] {
			if o.ID == m.r.New {
				return true
			}
		}
	}
	return false
}

// value is an attribute's text after the renaming, for an object that is
// wanted as wanted.
func (m *renamer) value(wanted *schema.Object, name, text string) string {
	if wanted != nil && wanted.Get(name) == text && (m.renamesPart() || m.to.Objects[m.r.Old] == nil) {
		return text // what looks like the name is something else
	}
	if a, _ := m.kinds.Find(m.r.Old.Kind).Attr(name); wanted != nil && wanted.ID == m.r.New && a.Fact {
		return wanted.Get(name)
	}
	return replaceName(text, m.oldWord, m.newWord)
}

// needs reports whether o needs the renamed object, a part of it or its name.
func (m *renamer) needs(o *schema.Object) bool {
	for _, n := range slices.Concat(o.Needs, o.With) {
		if n == m.r.Old || m.s.Objects[n] != nil && (m.part(m.s.Objects[n]) || m.namesake(m.s.Objects[n])) {
			return true
		}
	}
	return false
}

// namesake reports whether o is the name of the renamed object, which goes with it,
// as that of a type is there for the functions which the type needs.
func (m *renamer) namesake(o *schema.Object) bool {
	return o.ID.Name == m.r.Old.Name && slices.Contains(o.With, m.r.Old) && m.kinds.Find(o.ID.Kind).Rename == nil
}

func (m *renamer) ids(list []schema.ID) []schema.ID {
	out := make([]schema.ID, len(list))
	for i, id := range list {
		out[i] = m.id(id)
	}
	return out
}

// replaceName replaces a name where it stands as a whole: not within a longer
// identifier, nor as a string, unless that is cast to regclass or the like.
func replaceName(text, old, new string) string {
	const identifier = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$"'`
	return replaceWhere(text, old, new, func(before, after string) bool {
		n := len(before)
		within := n > 0 && strings.IndexByte(identifier, before[n-1]) >= 0 || after != "" && strings.IndexByte(identifier, after[0]) >= 0
		return !within || n > 0 && before[n-1] == '\'' && strings.HasPrefix(after, "'::reg")
	})
}

// replaceWhere replaces a name where the texts before and after it allow that.
func replaceWhere(text, old, new string, allowed func(before, after string) bool) string {
	var b strings.Builder
	for done := 0; ; {
		i := strings.Index(text[done:], old)
		if i < 0 {
			b.WriteString(text[done:])
			return b.String()
		}
		start, end := done+i, done+i+len(old)
		b.WriteString(text[done:start])
		if allowed(text[:start], text[end:]) {
			b.WriteString(new)
		} else {
			b.WriteString(old)
		}
		done = end
	}
}
