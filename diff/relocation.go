package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

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
	rest.Objects = maps.Clone(state.Objects)
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
	if kinds.Find(r.Old.Kind).Qualifies {
		l.reliant = reliant(s, r.Old)
		return l
	}
	l.was, l.is = home(s.Objects[r.Old], kinds).Name, home(to.Objects[r.New], kinds).Name
	l.names = [][2]string{{inTexts(r.Old.Name), inTexts(r.New.Name)}}
	l.carried = map[schema.ID]bool{}
	for _, o := range s.Objects {
		switch {
		case o.ID == r.Old || isPart(s, o, r.Old):
			l.carried[o.ID] = true
		case l.ties(o):
			l.carried[o.Parent], l.carried[o.ID] = true, true
		}
	}
	l.reliant = reliant(s, slices.Collect(maps.Keys(l.carried))...)
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

// inTexts is a name as texts have it: a function's, where other arguments follow,
// and an operator class's, where its access method is known.
func inTexts(name string) string {
	quoted := false
	for i, c := range name {
		switch {
		case c == '"':
			quoted = !quoted
		case (c == '(' || c == ' ') && !quoted:
			return name[:i]
		}
	}
	return name
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

// relocate moves an object. Of each two that would have one name where it arrives,
// the one that is not wanted there is dropped if it has no rows, which may be wanted
// under another name; or else the one that is carried: it is made again later. It
// returns the state after all that, and the drops.
func relocate(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) (*schema.Snapshot, []Step, error) {
	l := newRelocation(state, to, kinds, r)
	gone, err := l.clashes()
	if err != nil || len(gone) == 0 {
		return l.state(), nil, err
	}
	rest, steps, err := without(state, to, kinds, r, gone)
	if err != nil {
		return nil, nil, err
	}
	return newRelocation(rest, to, kinds, r).state(), steps, nil
}

// clashes lists what must be dropped so that all that is carried has its name.
func (l *relocation) clashes() ([]schema.ID, error) {
	brings := map[string]schema.ID{}
	for id := range l.carried {
		for _, name := range l.namesOf(l.s.Objects[id]) {
			brings[replaceNames(name, l.names)] = id
		}
	}
	loses := func(o *schema.Object) bool {
		loses := l.kinds.Find(o.ID.Kind).Loses
		return loses != nil && loses(o)
	}
	var out []schema.ID
	for _, o := range l.s.Objects {
		for _, name := range l.namesOf(o) {
			id, taken := brings[name]
			if !taken || l.carried[o.ID] {
				continue
			}
			wanted := l.to.Objects[o.ID]
			if (wanted == nil || wanted.Parent != o.Parent) && !loses(o) {
				id = o.ID
			} else if loses(l.s.Objects[id]) {
				return nil, fmt.Errorf("cannot rename %s to %s: its %s would take the name of %s there; rename one of them in a migration before", l.r.Old, l.r.New.Name, id, o.ID)
			}
			out = append(out, id)
		}
	}
	slices.SortFunc(out, schema.CompareIDs)
	return out, nil
}

// state is the state after the relocation.
func (l *relocation) state() *schema.Snapshot {
	out := rewrite(l.s, l.kinds, l.touches, l.id, l.text)
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

// touches reports whether an object may have another name then, or name another.
func (l *relocation) touches(id schema.ID) bool {
	return id == l.r.Old || l.reliant[id] || l.carried[id]
}

func (l *relocation) id(id schema.ID) schema.ID {
	switch {
	case id == l.r.Old:
		return l.r.New
	case !l.touches(id):
		return id
	case l.carried == nil:
		id.Name = replaceName(id.Name, l.r.Old.String(), l.r.New.String()) // what hangs on it
	}
	id.Name = l.qualified(id.Name)
	return id
}

func (l *relocation) text(o *schema.Object, a *schema.Attr, text string) string {
	out, whole, wanted := l.qualified(text), replaceName(text, l.was, l.is), l.to.Objects[l.id(o.ID)]
	if wanted == nil || a == nil {
		if l.carried == nil && o.Parent == l.r.Old || a != nil && a.Fact && text == l.was && l.rehoused(o) {
			return whole
		}
		return out
	}
	switch now := wanted.Get(a.Name); {
	case now == whole && (a.Fact || text == l.was):
		return now // it names the home alone
	case l.carried == nil && l.to.Objects[l.r.Old] == nil && l.qualified(now) == out:
		return now // what looks like the home is something else, as a table's alias
	}
	return out
}

// rehoused reports whether an object has another home then.
func (l *relocation) rehoused(o *schema.Object) bool {
	return strings.HasPrefix(o.ID.Name, l.was+".") && strings.HasPrefix(l.id(o.ID).Name, l.is+".")
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
func replaceHome(text, was, is string) string { return replaceWhere(text, was, is, qualifies) }

// qualifies reports whether a name between two texts stands alone before a dot.
func qualifies(before, after string) bool {
	switch {
	case !strings.HasPrefix(after, "."):
		return false
	case before == "":
		return true
	}
	last := before[len(before)-1]
	if last == '\'' {
		_, cast, _ := strings.Cut(after, "'")
		return strings.HasPrefix(cast, "::reg")
	}
	return last < 0x80 && !strings.ContainsRune(`abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$".`, rune(last))
}
