package diff

import (
	"slices"
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

// pair notes the renamings of those that have one heir, which is theirs alone.
func (in *inference) pair(gone []*schema.Object, heirs func(*schema.Object) []*schema.Object) {
	of, rivals := map[*schema.Object][]*schema.Object{}, map[*schema.Object]int{}
	for _, o := range gone {
		of[o] = heirs(o)
		for _, now := range of[o] {
			rivals[now]++
		}
	}
	for _, o := range gone {
		switch {
		case len(of[o]) == 1 && rivals[of[o][0]] == 1:
			in.found(Renaming{o.ID, of[o][0].ID})
		case len(of[o]) > 0:
			in.ambiguous = append(in.ambiguous, Ambiguity{o.ID, ids(of[o])})
		}
	}
}

func filter(objects []*schema.Object, keep func(*schema.Object) bool) []*schema.Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o *schema.Object) bool { return !keep(o) })
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

// moved reports whether an object may be another that moved.
func (in *inference) moved(o, now *schema.Object) bool {
	if len(in.numbered(in.from, o.ID)) > 0 {
		return in.alike(o, now)
	}
	was, is := home(o, in.kinds).Name, home(now, in.kinds).Name
	k := in.kinds.Find(o.ID.Kind)
	return replaceHome(compared(o, k), was, is) == replaceHome(compared(now, k), was, is)
}

// relocates reports whether a renaming gives an object another home, or all that
// is at home in it another name.
func relocates(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) bool {
	old, now := state.Objects[r.Old], to.Objects[r.New]
	if old == nil || now == nil {
		return false
	}
	was, is := home(old, kinds), home(now, kinds)
	return kinds.Find(r.Old.Kind).Qualifies || !was.IsZero() && !is.IsZero() && was != is
}

// arrive makes the home that an object moves to, where there is none yet. It
// returns the state after that and the steps.
func arrive(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) (*schema.Snapshot, []Step, error) {
	now := to.Objects[r.New]
	if now == nil {
		return state, nil, nil
	}
	id := home(now, kinds)
	if state.Objects[id] != nil || to.Objects[id] == nil {
		return state, nil, nil
	}
	rest := *state
	rest.Objects = make(map[schema.ID]*schema.Object, len(state.Objects)+1)
	for id, o := range state.Objects {
		rest.Objects[id] = o
	}
	rest.Objects[id] = to.Objects[id]
	var plan Plan
	err := plan.add(state, &rest, kinds)
	return &rest, plan.Steps, err
}

// A relocation is what a renaming does to names that relocates.
type relocation struct {
	s, to   *schema.Snapshot
	kinds   schema.Kinds
	r       Renaming
	was, is string             // the name of the home
	carried map[schema.ID]bool // what has another home then; nil for all that was at home
	reliant map[schema.ID]bool // what may name any of that
	names   [][2]string        // of what is carried
}

func newRelocation(s, to *schema.Snapshot, kinds schema.Kinds, r Renaming) *relocation {
	l := &relocation{s: s, to: to, kinds: kinds, r: r, was: r.Old.Name, is: r.New.Name}
	l.reliant = reliant(s, r.Old)
	l.reliant[r.Old] = true
	if kinds.Find(r.Old.Kind).Qualifies {
		return l
	}
	l.was, l.is = home(s.Objects[r.Old], kinds).Name, home(to.Objects[r.New], kinds).Name
	own, _, _ := strings.Cut(r.Old.Name, "(") // with arguments, in a text, come others
	now, _, _ := strings.Cut(r.New.Name, "(")
	l.names = [][2]string{{own, now}}
	l.carried = map[schema.ID]bool{}
	for _, o := range s.Objects {
		switch {
		case o.ID == r.Old || isPart(s, o, r.Old):
			l.carried[o.ID] = true
		case l.ties(o):
			l.carried[o.Parent], l.carried[o.ID] = true, true
		}
	}
	for id := range l.carried {
		for _, name := range l.namesOf(s.Objects[id]) {
			if _, name, _ = strings.Cut(name, " "); strings.HasPrefix(name, l.was+".") && name != r.Old.Name {
				l.names = append(l.names, [2]string{name, l.is + strings.TrimPrefix(name, l.was)})
			}
		}
	}
	slices.SortFunc(l.names, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return l
}

// ties reports whether an object ties its parent to a part of what moves, as a
// sequence to the column that owns it, so that this moves too.
func (l *relocation) ties(o *schema.Object) bool {
	k := l.kinds.Find(o.ID.Kind)
	return !o.Parent.IsZero() && l.kinds.Find(o.Parent.Kind).Owned && k.Noun == "" && !k.Hangs &&
		slices.ContainsFunc(o.Needs, func(n schema.ID) bool { return isPart(l.s, l.s.Objects[n], l.r.Old) })
}

// namesOf lists the names that an object takes.
func (l *relocation) namesOf(o *schema.Object) []string {
	if names := l.kinds.Find(o.ID.Kind).Names; names != nil {
		return names(o)
	}
	return nil
}

// taken is an object that has a name which one that is carried brings along, or nil.
func (l *relocation) taken() *schema.Object {
	brought := map[string]bool{}
	for id := range l.carried {
		for _, name := range l.namesOf(l.s.Objects[id]) {
			brought[replaceNames(name, l.names)] = true
		}
	}
	for _, o := range l.s.Objects {
		if !l.carried[o.ID] && slices.ContainsFunc(l.namesOf(o), func(name string) bool { return brought[name] }) {
			return o
		}
	}
	return nil
}

// state is the state after the relocation.
func (l *relocation) state() *schema.Snapshot {
	out := rewrite(l.s, l.kinds, l.id, l.text)
	from, to := home(l.s.Objects[l.r.Old], l.kinds), home(l.to.Objects[l.r.New], l.kinds)
	for id := range l.carried {
		o := out.Objects[l.id(id)]
		if strings.HasPrefix(o.ID.Name, l.was+".") {
			continue // it hangs on what moves, and stays
		}
		o.Needs = each(o.Needs, func(n schema.ID) schema.ID {
			if n == from {
				return to
			}
			return n
		})
	}
	return out
}

func (l *relocation) id(id schema.ID) schema.ID {
	switch {
	case id == l.r.Old:
		return l.r.New
	case !l.reliant[id] && !l.carried[id]:
		return id
	case l.carried == nil:
		id.Name = replaceName(id.Name, l.r.Old.String(), l.r.New.String()) // what hangs on it
	}
	id.Name = l.qualified(id.Name)
	return id
}

func (l *relocation) text(o *schema.Object, a *schema.Attr, text string) string {
	if !l.reliant[o.ID] && !l.carried[o.ID] {
		return text
	}
	out, wanted := l.qualified(text), l.to.Objects[l.id(o.ID)]
	whole := replaceName(text, l.was, l.is)
	switch {
	case wanted != nil && a != nil && wanted.Get(a.Name) == whole:
		return whole // it names the home alone
	case wanted != nil && a != nil && l.carried == nil && l.to.Objects[l.r.Old] == nil && l.qualified(wanted.Get(a.Name)) == out:
		return wanted.Get(a.Name) // what looks like the home is something else, as a table's alias
	case wanted == nil && l.carried == nil && o.Parent == l.r.Old:
		return whole
	}
	return out
}

// qualified is a text with the names of what has another home.
func (l *relocation) qualified(text string) string {
	if l.carried != nil {
		return replaceNames(text, l.names)
	}
	return replaceHome(text, l.was, l.is)
}

// replaceHome replaces a name where it qualifies another: not within a longer
// identifier, nor in a string, unless that is cast to regclass or the like.
func replaceHome(text, was, is string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, was+".")
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := i + len(was)
		b.WriteString(text[:i])
		if qualifies(text[:i], text[end:]) {
			b.WriteString(is)
		} else {
			b.WriteString(was)
		}
		text = text[end:]
	}
}

// qualifies reports whether a name between two texts stands alone before a dot.
func qualifies(before, after string) bool {
	if before == "" {
		return true
	}
	last := before[len(before)-1]
	if last == '\'' {
		_, cast, _ := strings.Cut(after, "'")
		return strings.HasPrefix(cast, "::reg")
	}
	return last < 0x80 && !strings.ContainsRune(`abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$".`, rune(last))
}
