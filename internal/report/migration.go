package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// A Migration is a file about to be written.
type Migration struct {
	Path       string // migrations/v1/008_add_guest_reviews.sql
	Purpose    string // "" for a summary of the changes
	References []string
	Plan       *diff.Plan
	Subjects   Subjects
}

// Text writes the file as a person would: a header, then the statements, those
// of one object together under a short comment.
func (m Migration) Text() string {
	var out strings.Builder
	out.WriteString("-- " + OneLine(m.Path) + "\n")
	purpose := m.Purpose
	if purpose == "" {
		purpose = m.Subjects.Summary(m.Plan)
	}
	out.WriteString("-- Purpose: " + OneLine(purpose) + "\n")
	out.WriteString("-- References: " + OneLine(strings.Join(m.References, ", ")) + "\n")
	if slices.ContainsFunc(m.Plan.Steps, func(s diff.Step) bool { return s.Alone }) {
		out.WriteString("-- atlas:txmode none\n")
	}
	for _, set := range m.Plan.Settings {
		out.WriteString("\nSET " + set + ";\n")
	}
	for _, g := range m.Subjects.groups(m.Plan) {
		out.WriteString("\n-- " + g.title() + "\n")
		g.write(&out)
	}
	return out.String()
}

// A group is a run of steps about one object.
type group struct {
	subject schema.ID
	steps   []diff.Step
}

func (s Subjects) groups(p *diff.Plan) []group {
	var out []group
	for _, step := range p.Steps {
		subject := s.Of(step.ID)
		if n := len(out); n > 0 && out[n-1].subject == subject {
			out[n-1].steps = append(out[n-1].steps, step)
			continue
		}
		out = append(out, group{subject, []diff.Step{step}})
	}
	return out
}

// title says what a group does: "New table public.units".
func (g group) title() string {
	what := "Changes to "
	for _, s := range g.steps {
		switch {
		case s.ID != g.subject:
		case s.Action == diff.Create:
			what = "New "
		case s.Action == diff.Drop && what != "New ":
			what = "Drop "
		}
	}
	return what + OneLine(g.subject.String())
}

// write writes the statements; one that takes several lines stands alone, and
// so do statements about different kinds of objects.
func (g group) write(out *strings.Builder) {
	var before diff.Step
	long := false
	for i, s := range g.steps {
		for j, sql := range s.SQL {
			now := strings.Contains(sql, "\n")
			if i+j > 0 && (long || now || s.ID.Kind != before.ID.Kind || len(s.Loses) > 0) {
				out.WriteString("\n")
			}
			if j == 0 {
				for _, id := range s.Loses {
					fmt.Fprintf(out, "-- plumb:allow-drop %s\n", OneLine(id.Name))
				}
				if s.Guess != "" {
					fmt.Fprintf(out, "-- %s\n", OneLine(s.Guess))
				}
			}
			out.WriteString(sql + ";\n")
			before, long = s, now
		}
	}
}
