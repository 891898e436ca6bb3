package report

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// Explain prints a plan as a tree: every change, below it what had to give way
// to it and comes back, and under each its statements with their place in the
// plan, what they wait for and what goes with them.
func Explain(plan *diff.Plan) string {
	e := newExplanation(plan)
	var out strings.Builder
	for _, set := range plan.Settings {
		fmt.Fprintf(&out, "first: SET %s\n", OneLine(set))
	}
	for _, id := range e.below[schema.ID{}] {
		e.write(&out, id, "", "")
	}
	return out.String()
}

// An explanation is a plan by the objects that its steps are about.
type explanation struct {
	plan  *diff.Plan
	steps map[schema.ID][]int
	below map[schema.ID][]schema.ID // by what made them necessary, in the order of the plan
	place map[diff.Ref]int
	downs map[schema.ID]bool // what goes down with something else
}

func newExplanation(plan *diff.Plan) *explanation {
	e := &explanation{plan: plan, steps: map[schema.ID][]int{}, below: map[schema.ID][]schema.ID{}, place: map[diff.Ref]int{}, downs: map[schema.ID]bool{}}
	within := map[schema.ID]schema.ID{} // whose step does an object's work
	for i, s := range plan.Steps {
		e.steps[s.ID] = append(e.steps[s.ID], i)
		e.place[s.Ref()] = i
		for _, id := range s.Takes {
			within[id] = s.ID
			e.downs[id] = e.downs[id] || s.Action == diff.Drop
		}
	}
	for i, s := range plan.Steps {
		if e.steps[s.ID][0] != i {
			continue
		}
		cause := s.Because
		for range plan.Steps {
			if _, own := e.steps[cause]; own || cause.IsZero() {
				break
			}
			cause = within[cause]
		}
		if cause == s.ID || e.under(cause, s.ID) {
			cause = schema.ID{}
		}
		e.below[cause] = append(e.below[cause], s.ID)
	}
	return e
}

// under reports whether id is, at any depth, there because of cause.
func (e *explanation) under(id, cause schema.ID) bool {
	for range e.plan.Steps {
		steps := e.steps[id]
		if len(steps) == 0 {
			return false
		}
		if id = e.plan.Steps[steps[0]].Because; id == cause {
			return true
		}
	}
	return false
}

// write writes an object and what is below it; first begins its first line,
// rest all others.
func (e *explanation) write(out *strings.Builder, id schema.ID, first, rest string) {
	fmt.Fprintf(out, "%s%s\n", first, e.title(id))
	children := e.below[id]
	bar := "   "
	if len(children) > 0 {
		bar = "│  "
	}
	for _, i := range e.steps[id] {
		e.writeStep(out, i, rest+bar)
	}
	for i, c := range children {
		if i == len(children)-1 {
			e.write(out, c, rest+"└─ ", rest+"   ")
		} else {
			e.write(out, c, rest+"├─ ", rest+"│  ")
		}
	}
}

func (e *explanation) writeStep(out *strings.Builder, i int, indent string) {
	s := e.plan.Steps[i]
	number := fmt.Sprintf("%d. ", i+1)
	for _, sql := range s.SQL {
		for _, line := range strings.Split(sql+";", "\n") {
			fmt.Fprintf(out, "%s%s%s\n", indent, number, OneLine(line))
			number = strings.Repeat(" ", len(number))
		}
	}
	note := func(what string, items []string) {
		if len(items) > 0 {
			fmt.Fprintf(out, "%s%s%s %s\n", indent, number, what, strings.Join(items, ", "))
		}
	}
	var after []string
	for _, r := range s.After {
		after = append(after, fmt.Sprint(e.place[r]+1))
	}
	note("after", after)
	note(takes[s.Action], lines(s.Takes))
	note("loses the rows of", lines(s.Loses))
	if s.Guess != "" {
		note("guesses:", []string{OneLine(s.Guess)})
	}
	if s.Alone {
		note("is committed", []string{"before the next"})
	}
}

var takes = map[diff.Action]string{diff.Drop: "takes down", diff.Create: "makes as well", diff.Alter: "changes as well"}

func lines(ids []schema.ID) []string {
	var out []string
	for _, id := range ids {
		out = append(out, OneLine(id.String()))
	}
	return out
}

// title says what happens to an object, and why.
func (e *explanation) title(id schema.ID) string {
	var drops, creates, renames, alters int
	steps, was := e.steps[id], id
	last := e.plan.Steps[steps[len(steps)-1]]
	for _, i := range steps {
		switch e.plan.Steps[i].Action {
		case diff.Drop:
			drops++
		case diff.Create:
			creates++
		case diff.Rename:
			renames++
			was = e.plan.Steps[i].Was
		default:
			alters++
		}
	}
	return OneLine(was.String()) + ": " + OneLine(verb(last, drops > 0 || e.downs[id], creates > 0, renames > 0, alters > 0))
}

func verb(last diff.Step, dropped, created, renamed, altered bool) string {
	why, what := "", strings.Join(last.Attrs, ", ")
	if !last.Because.IsZero() {
		why = " because of " + last.Because.String()
	}
	if what != "" && !last.Because.IsZero() {
		why += "; differs in " + what
	}
	switch {
	case renamed && altered:
		return "is now called " + last.ID.Name + ", and differs in " + what
	case renamed:
		return "is now called " + last.ID.Name
	case dropped && created && why != "":
		return "goes down and comes back" + why
	case dropped && created:
		return "is made anew, as its " + what + " cannot be changed in place"
	case dropped:
		return "goes" + why
	case created:
		return "is new" + why
	case what == "" || why != "":
		return "changes" + why
	}
	return "changes in " + what
}
