package diff

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// home is what qualifies the name of an object, as its schema does; zero for nothing.
func home(o *schema.Object, kinds schema.Kinds) schema.ID {
	for _, n := range o.Needs {
		if kinds.Find(n.Kind).Qualifies && strings.HasPrefix(o.ID.Name, n.Name+".") {
			return n
		}
	}
	return schema.ID{}
}

// unqualified is the kind of an object and its name without that of its home.
func unqualified(o *schema.Object, home schema.ID) schema.ID {
	return schema.ID{Kind: o.ID.Kind, Name: strings.TrimPrefix(o.ID.Name, home.Name+".")}
}

// matchHomes looks for what qualifies others and was renamed: what has half of
// what was in it, tables or the like among that.
func (in *inference) matchHomes(gone, fresh []*schema.Object) {
	homes := filter(gone, func(o *schema.Object) bool { return in.kinds.Find(o.ID.Kind).Qualifies })
	if len(homes) == 0 {
		return
	}
	lived, live := in.residents(in.from), in.residents(in.to)
	in.pair(homes, func(o *schema.Object) []*schema.Object {
		return filter(fresh, func(now *schema.Object) bool {
			return now.ID.Kind == o.ID.Kind && in.sameResidents(lived[o.ID], live[now.ID])
		})
	})
}

// matchMoves looks for what has the same name in another home, and half of its
// numbered parts or, without any, the same texts.
func (in *inference) matchMoves(gone, fresh []*schema.Object) {
	byName := map[schema.ID][]*schema.Object{}
	for _, o := range fresh {
		if h := home(o, in.kinds); !h.IsZero() {
			name := unqualified(o, h)
			byName[name] = append(byName[name], o)
		}
	}
	in.pair(gone, func(o *schema.Object) []*schema.Object {
		if in.kinds.Find(o.ID.Kind).Owned && in.owned(in.from, o) != o.ID.String() {
			return nil // it goes along with its owner
		}
		h := home(o, in.kinds)
		return filter(byName[unqualified(o, h)], func(now *schema.Object) bool { return in.moved(o, now) })
	})
}

// residents lists by their homes the objects that stand alone, by their names there.
func (in *inference) residents(s *schema.Snapshot) map[schema.ID]map[schema.ID]*schema.Object {
	out := map[schema.ID]map[schema.ID]*schema.Object{}
	for _, o := range s.Objects {
		h := home(o, in.kinds)
		if h.IsZero() || !o.Parent.IsZero() {
			continue
		}
		if out[h] == nil {
			out[h] = map[schema.ID]*schema.Object{}
		}
		out[h][unqualified(o, h)] = o
	}
	return out
}

// sameResidents reports whether half of what was in one home is in another, and
// of that something with numbered parts, which are alike.
func (in *inference) sameResidents(was, is map[schema.ID]*schema.Object) bool {
	same, numbered := 0, false
	for id, o := range was {
		now := is[id]
		if now == nil {
			continue
		}
		same++
		numbered = numbered || len(in.numbered(in.from, o.ID)) > 0 && in.alike(o, now)
	}
	return numbered && 2*same >= len(was)
}

// estranged reports whether two objects have neither the name nor the home in common.
func (in *inference) estranged(old, now *schema.Object) bool {
	was, is := home(old, in.kinds), home(now, in.kinds)
	return was != is && unqualified(old, was) != unqualified(now, is) && !was.IsZero() && !is.IsZero()
}

// moved reports whether an object may be another that moved.
func (in *inference) moved(o, now *schema.Object) bool {
	if len(in.numbered(in.from, o.ID)) > 0 {
		return in.alike(o, now)
	}
	was, is := home(o, in.kinds).Name, home(now, in.kinds).Name
	k := in.kinds.Find(o.ID.Kind)
	return replaceHome(compared(o, k), was, is) == replaceHome(compared(now, k), was, is)
}
