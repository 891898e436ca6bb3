package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// Together returns a plan in another order that serves as well, with the steps
// of each subject as near to each other as what they wait for allows: a table,
// its indexes, policies and comments, then the next table.
func (s Subjects) Together(p *diff.Plan) *diff.Plan {
	waits, waiters := map[diff.Ref]int{}, map[diff.Ref][]int{}
	q := subjectQueue{ready: map[schema.ID][]int{}}
	for i, step := range p.Steps {
		after := slices.Clone(step.After)
		slices.SortFunc(after, func(a, b diff.Ref) int {
			return cmp.Or(cmp.Compare(a.Action, b.Action), schema.CompareIDs(a.ID, b.ID))
		})
		after = slices.Compact(after)
		waits[step.Ref()] = len(after)
		for _, r := range after {
			waiters[r] = append(waiters[r], i)
		}
		if len(after) == 0 {
			q.add(s.Of(step.ID), i)
		}
	}
	out := *p
	out.Steps = nil
	for i, ok := q.next(); ok; i, ok = q.next() {
		out.Steps = append(out.Steps, p.Steps[i])
		for _, w := range waiters[p.Steps[i].Ref()] {
			ref := p.Steps[w].Ref()
			if waits[ref]--; waits[ref] == 0 {
				q.add(s.Of(p.Steps[w].ID), w)
			}
		}
	}
	return &out
}

// A subjectQueue holds the steps that wait for nothing more, by subject. It stays
// with a subject as long as that has any.
type subjectQueue struct {
	order []schema.ID
	ready map[schema.ID][]int // in the plan's order
}

func (q *subjectQueue) add(subject schema.ID, step int) {
	if len(q.ready[subject]) == 0 && (len(q.order) == 0 || q.order[0] != subject) {
		q.order = append(q.order, subject)
	}
	at, _ := slices.BinarySearch(q.ready[subject], step)
	q.ready[subject] = slices.Insert(q.ready[subject], at, step)
}

func (q *subjectQueue) next() (step int, ok bool) {
	for len(q.order) > 0 {
		if steps := q.ready[q.order[0]]; len(steps) > 0 {
			q.ready[q.order[0]] = steps[1:]
			return steps[0], true
		}
		q.order = q.order[1:]
	}
	return 0, false
}

// Schema writes a plan that begins with an empty database as people read it: by
// subject, each under its name.
func (s Subjects) Schema(p *diff.Plan) string {
	var out strings.Builder
	for _, set := range p.Settings {
		out.WriteString("SET " + set + ";\n\n")
	}
	for i, g := range s.groups(s.Together(p)) {
		if i > 0 {
			out.WriteString("\n")
		}
		out.WriteString("-- " + OneLine(g.subject.String()) + "\n")
		g.write(&out)
	}
	return out.String()
}
