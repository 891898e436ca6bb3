package diff

import (
	"fmt"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// A Renaming is an object that goes by another name.
type Renaming struct{ Old, New schema.ID }

func (r Renaming) String() string { return fmt.Sprintf("%s is now called %s", r.Old, r.New.Name) }

// An Ambiguity is an object that may have been renamed to any of several.
type Ambiguity struct {
	Old        schema.ID
	Candidates []schema.ID
}

// inferRenames finds the objects that were renamed: gone under one name, there
// under another, and otherwise the same. Both databases grew from one history,
// so a column keeps its number and a table the numbers of its columns. Renames
// that were asked for need no evidence. It returns the state that the renames
// lead to, in which what they renamed differs no more; parents come before parts.
func inferRenames(from, to *schema.Snapshot, kinds schema.Kinds, asked []Renaming) (*schema.Snapshot, []Step, []Ambiguity, error) {
	rs := &renames{state: from, to: to, kinds: kinds, refused: map[Renaming]bool{}}
	for round := asked; len(round) > 0; {
		r := rs.next(&round)
		if err := rs.do(r); err != nil {
			return nil, nil, nil, err
		}
	}
	for {
		in := &inference{from: rs.state, to: to, kinds: kinds, refused: rs.refused, parents: map[schema.ID]schema.ID{}, parts: map[*schema.Snapshot]map[schema.ID][]*schema.Object{}}
		in.match(true)
		if len(in.renames) == 0 {
			in.match(false)
		}
		if len(in.renames) == 0 {
			return rs.state, rs.steps, in.ambiguous, nil
		}
		for round := in.renames; len(round) > 0; {
			r := rs.next(&round)
			if rs.state.Objects[r.Old] != nil && rs.do(r) != nil {
				rs.refused[r] = true // it is dropped and made anew
			}
		}
	}
}

// renames are those done so far, and the state that they lead to.
type renames struct {
	state, to *schema.Snapshot
	kinds     schema.Kinds
	steps     []Step
	refused   map[Renaming]bool
}

// next takes a renaming out of a round, one whose new name is free if there is one.
func (rs *renames) next(round *[]Renaming) Renaming {
	i := max(0, slices.IndexFunc(*round, func(r Renaming) bool { return len(takers(rs.state, rs.to, rs.kinds, r)) == 0 }))
	r := (*round)[i]
	*round = slices.Delete(slices.Clone(*round), i, i+1)
	return r
}

// do renames one object, after the name is freed.
func (rs *renames) do(r Renaming) error {
	if other := rs.clash(r); other != nil {
		return fmt.Errorf("cannot rename %s to %s: %s would become one with it; drop the one and make the other in two migrations", r.Old, r.New.Name, other.ID)
	}
	state, steps := rs.state, rs.steps
	for _, prepare := range []func(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) (*schema.Snapshot, []Step, error){depart, vacate, arrive} {
		now, more, err := prepare(state, rs.to, rs.kinds, r)
		if err != nil {
			return err
		}
		state, steps = now, slices.Concat(steps, more)
	}
	step, err := renameStep(state, rs.to, rs.kinds, r)
	if err != nil {
		return err
	}
	if relocates(state, rs.to, rs.kinds, r) {
		now, more, err := relocate(state, rs.to, rs.kinds, r)
		if err != nil {
			return err
		}
		state, steps = now, slices.Concat(steps, more)
	} else {
		state = rename(state, rs.to, rs.kinds, r)
	}
	rs.state, rs.steps = state, append(steps, step)
	return nil
}

// clash finds an object that a renaming would merge with a mirror of the renamed
// one, as a child's own column of the new name, or take along though it is
// wanted as its own under the old name.
func (rs *renames) clash(r Renaming) *schema.Object {
	mirror, now := rs.kinds.Find(r.Old.Kind).Mirror, rs.to.Objects[r.New]
	if mirror == nil || now == nil {
		return nil
	}
	for id, o := range rs.state.Objects {
		if id.Kind != r.Old.Kind || mirror(o) == schema.Own || !slices.Contains(o.Needs, r.Old) {
			continue
		}
		taken := rs.state.Objects[schema.ID{Kind: id.Kind, Name: o.Parent.Name + "." + word(now)}]
		if taken != nil && mirror(taken) == schema.Own {
			return taken
		}
		if left := rs.to.Objects[id]; left != nil && mirror(left) == schema.Own {
			return left
		}
	}
	return nil
}

// renameStep writes a renaming as a step.
func renameStep(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) (Step, error) {
	old, now := state.Objects[r.Old], to.Objects[r.New]
	switch {
	case old == nil:
		return Step{}, fmt.Errorf("cannot rename %s: there is none in the state to start from", r.Old)
	case now == nil:
		return Step{}, fmt.Errorf("cannot rename %s to %s: there is none in the wanted state", r.Old, r.New.Name)
	}
	k := kinds.Find(r.New.Kind)
	if k.Rename == nil {
		return Step{}, fmt.Errorf("cannot rename %s: PostgreSQL renames no %s", r.Old, r.Old.Kind)
	}
	sql := k.Rename(old, now)
	if sql == nil {
		return Step{}, fmt.Errorf("cannot rename %s to %s: plumb writes no statement for it", r.Old, r.New.Name)
	}
	if follows(state, to, k, old, now) {
		sql = nil
	}
	return Step{Action: Rename, ID: r.New, Was: r.Old, SQL: sql}, nil
}

// follows reports whether a mirror is renamed by the renaming, done or to come,
// of what it repeats, be it a mirror afterwards or not.
func follows(state, to *schema.Snapshot, k *schema.Kind, old, now *schema.Object) bool {
	if k.Mirror == nil || k.Mirror(old) != schema.Demanded {
		return false
	}
	return slices.ContainsFunc(old.Needs, func(n schema.ID) bool {
		o := state.Objects[n]
		if o == nil || n.Kind != old.ID.Kind {
			return false
		}
		renamed := to.Objects[schema.ID{Kind: n.Kind, Name: replaceName(now.ID.Name, now.Parent.Name, o.Parent.Name)}]
		return word(o) == word(now) || renamed != nil && to.Objects[n] == nil
	})
}

type inference struct {
	from, to  *schema.Snapshot
	kinds     schema.Kinds
	renames   []Renaming
	refused   map[Renaming]bool // they cost too much
	ambiguous []Ambiguity
	parents   map[schema.ID]schema.ID                             // old to new
	parts     map[*schema.Snapshot]map[schema.ID][]*schema.Object // by parent
}

// found notes a renaming, if PostgreSQL can do it and it does not cost too much.
func (in *inference) found(r Renaming) {
	old, now := in.from.Objects[r.Old], in.to.Objects[r.New]
	if in.refused[r] || in.kinds.Find(r.Old.Kind).Rename(old, now) == nil || !in.relabels(old, now) || in.estranged(old, now) {
		return
	}
	in.renames = append(in.renames, r)
	in.parents[r.Old] = r.New
}

// relabels reports whether the texts of what a part belongs to are the same but
// for such names, or for more parts.
func (in *inference) relabels(old, now *schema.Object) bool {
	was, is := in.from.Objects[old.Parent], in.to.Objects[now.Parent]
	return was == nil || is == nil || !slices.ContainsFunc(in.kinds.Find(is.ID.Kind).Attrs, func(a schema.Attr) bool {
		return a.Relabels != nil && !a.Relabels(was, is) && (a.Gains == nil || !a.Gains(was, is))
	})
}

// match looks for renamed objects that stand alone, or for those with a parent.
func (in *inference) match(outer bool) {
	gone := in.candidates(in.from, in.to, outer, func(id schema.ID) bool { _, done := in.parents[id]; return done })
	fresh := in.candidates(in.to, in.from, outer, func(id schema.ID) bool {
		return slices.ContainsFunc(in.renames, func(r Renaming) bool { return r.New == id })
	})
	if outer {
		if in.matchHomes(gone, fresh); len(in.renames) == 0 {
			in.matchMoves(gone, fresh)
		}
		if len(in.renames) > 0 {
			return // the rest stands beside them then
		}
	}
	byEvidence := map[string][]*schema.Object{}
	for _, o := range fresh {
		e := in.evidence(in.to, o, o.Parent)
		byEvidence[e] = append(byEvidence[e], o)
	}
	in.pair(gone, func(o *schema.Object) []*schema.Object {
		return byEvidence[in.evidence(in.from, o, in.now(o.Parent))]
	})
	if len(in.renames) > 0 {
		return // with these there may be more evidence
	}
	if outer {
		if in.matchNames(gone, fresh); len(in.renames) == 0 {
			in.matchUsers(gone, fresh)
		}
		if len(in.renames) == 0 {
			in.matchDetached(gone, fresh)
		}
		if len(in.renames) == 0 {
			in.matchSucceeded(fresh)
		}
	} else {
		in.matchNumbers()
	}
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
			in.unsure(o, of[o])
		}
	}
}

func filter(objects []*schema.Object, keep func(*schema.Object) bool) []*schema.Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o *schema.Object) bool { return !keep(o) })
}

// unsure notes once that an object may be any of several.
func (in *inference) unsure(o *schema.Object, candidates []*schema.Object) {
	if !slices.ContainsFunc(in.ambiguous, func(a Ambiguity) bool { return a.Old == o.ID }) {
		in.ambiguous = append(in.ambiguous, Ambiguity{o.ID, ids(candidates)})
	}
}

func ids(objects []*schema.Object) []schema.ID {
	var out []schema.ID
	for _, o := range objects {
		out = append(out, o.ID)
	}
	return out
}

// now is the ID that a parent has after the renames found so far.
func (in *inference) now(id schema.ID) schema.ID {
	if n, ok := in.parents[id]; ok {
		return n
	}
	return id
}

// candidates lists the objects of s that other lacks, or has as a part of something
// else, and whose kind can be renamed, sorted.
func (in *inference) candidates(s, other *schema.Snapshot, outer bool, done func(schema.ID) bool) []*schema.Object {
	var out []*schema.Object
	for id, o := range s.Objects {
		namesake := other.Objects[id]
		if (namesake == nil || namesake.Parent != o.Parent) && in.kinds.Find(id.Kind).Rename != nil && o.Parent.IsZero() == outer && !done(id) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *schema.Object) int { return schema.CompareIDs(a.ID, b.ID) })
	return out
}
