package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// An Action is what a step does to its object.
type Action string

// The actions.
const (
	Drop   Action = "drop"
	Alter  Action = "alter"
	Create Action = "create"
	Rename Action = "rename"
)

// A Step is one thing to do: it turns into one or more statements.
type Step struct {
	Action Action
	ID     schema.ID
	// Was is the old name, for a rename.
	Was schema.ID
	// SQL holds the statements, without semicolons.
	SQL []string
	// Because names the object whose change made this step necessary; zero
	// where the object itself differs.
	Because schema.ID
	// Attrs names the attributes in which the object differs, where it is in
	// both states.
	Attrs []string
	// Loses lists the objects whose rows the step throws away.
	Loses []schema.ID
	// Guess says what the step takes for granted though it may be otherwise: a
	// sentence, "" for nothing.
	Guess string
	// Alone is set where the step must be committed before the next.
	Alone bool
	// Takes lists what goes down, or comes back, within this step.
	Takes []schema.ID
	// After lists the steps that must have been done before this one, in the
	// order of the plan.
	After []Ref
}

// A Ref names a step of a plan.
type Ref struct {
	Action Action
	ID     schema.ID
}

// Ref is how other steps name this one.
func (s Step) Ref() Ref { return Ref{s.Action, s.ID} }

// A Plan is a list of steps that turns one state into another. Same input,
// same bytes.
type Plan struct {
	Steps []Step
	// Settings lists what is to be SET in the session before the steps are
	// run: "check_function_bodies = off".
	Settings []string
	// Ambiguous lists what may have been renamed, to one of several.
	Ambiguous []Ambiguity
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Steps) == 0 }

// Statements lists the SQL of all steps.
func (p *Plan) Statements() []string {
	var out []string
	for _, s := range p.Steps {
		out = append(out, s.SQL...)
	}
	return out
}

// Loses lists everything whose rows the plan throws away.
func (p *Plan) Loses() []schema.ID {
	var out []schema.ID
	for _, s := range p.Steps {
		out = append(out, s.Loses...)
	}
	return out
}

// Lost is what Loses lists, under the names from before the plan's renames.
func (p *Plan) Lost(kinds schema.Kinds) []schema.ID {
	var out []schema.ID
	for i, s := range p.Steps {
		for _, id := range s.Loses {
			for j := i - 1; j >= 0; j-- {
				id = p.Steps[j].before(id, kinds)
			}
			out = append(out, id)
		}
	}
	return out
}

// before is an ID as it was before a step: a rename gives other names to what
// is in its object, too.
func (s Step) before(id schema.ID, kinds schema.Kinds) schema.ID {
	switch {
	case s.Action != Rename:
	case id == s.ID:
		return s.Was
	case kinds.Find(s.ID.Kind).Qualifies || slices.Contains(kinds.Find(id.Kind).Inside, s.ID.Kind):
		if rest, ok := strings.CutPrefix(id.Name, s.ID.Name+"."); ok {
			id.Name = s.Was.Name + "." + rest
		}
	}
	return id
}

// MakePlan plans how to get from one state to another. It fails only where the
// steps need each other in a circle that no smaller steps can break; the error
// names the objects on it.
//
// What was renamed is found by evidence, or asked for. Where the evidence
// leaves a choice nothing is renamed, and Plan.Ambiguous says so.
func MakePlan(from, to *schema.Snapshot, kinds schema.Kinds, asked ...Renaming) (*Plan, error) {
	named, steps, ambiguous, err := inferRenames(moved(from, to, kinds), to, kinds, asked)
	if err != nil {
		return nil, err
	}
	steps = slices.DeleteFunc(steps, func(s Step) bool { return len(s.SQL) == 0 })
	plan := &Plan{Steps: steps, Ambiguous: ambiguous}
	if err := plan.add(named, to, kinds); err != nil {
		return nil, err
	}
	plan.sortRefs()
	return plan, nil
}

// add adds the steps between two states that need no renaming.
func (p *Plan) add(from, to *schema.Snapshot, kinds schema.Kinds) error {
	f := decide(from, to, kinds)
	groups, circles := newGraph(f).sort()
	for len(circles) > 0 {
		if !f.makeAnew(circles) {
			return fmt.Errorf("cannot order the changes: %w", circleError(circles))
		}
		groups, circles = newGraph(f).sort()
	}
	done := map[*node][]Ref{}
	for _, group := range groups {
		s := f.step(group)
		s.After = refsBefore(group, done)
		if len(s.SQL) == 0 {
			done[group[0]] = s.After // whoever waits for it waits for those
			continue
		}
		done[group[0]] = []Ref{s.Ref()}
		p.Steps = append(p.Steps, s)
		p.set(f.kinds[s.ID.Kind], s)
	}
	return nil
}

// set notes the setting that a step needs.
func (p *Plan) set(k *schema.Kind, s Step) {
	if k.Set != "" && s.Action != Drop && !slices.Contains(p.Settings, k.Set) {
		p.Settings = append(p.Settings, k.Set)
	}
}

// refsBefore lists the steps that those of a group must come after.
func refsBefore(group group, done map[*node][]Ref) []Ref {
	var out []Ref
	for _, m := range group {
		for _, b := range slices.Concat(m.before, m.rather) {
			if b.top() == group[0] {
				continue
			}
			for _, r := range done[b.top()] {
				if !slices.Contains(out, r) {
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// sortRefs puts what each step comes after into the order of the plan.
func (p *Plan) sortRefs() {
	place := map[Ref]int{}
	for i, s := range p.Steps {
		place[s.Ref()] = i
	}
	for _, s := range p.Steps {
		slices.SortFunc(s.After, func(a, b Ref) int { return place[a] - place[b] })
	}
}
