package report

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// Subjects knows which object a person has in mind when a part of it changes:
// the table of a column, the view of a comment.
type Subjects struct{ From, To *schema.Snapshot }

// Of is the object that id is a part of, or id itself.
func (s Subjects) Of(id schema.ID) schema.ID {
	for range 8 {
		o := s.object(id)
		if o == nil || o.Parent.IsZero() || s.object(o.Parent) == nil {
			return id
		}
		id = o.Parent
	}
	return id
}

func (s Subjects) object(id schema.ID) *schema.Object {
	if o := s.To.Objects[id]; o != nil {
		return o
	}
	return s.From.Objects[id]
}

// A phrase is one thing that a plan does, in words.
type phrase struct {
	verb    string // add, rename, change, drop
	subject schema.ID
	detail  string // the one column that is added, renamed or dropped
}

// phrases says what a plan does, new objects first.
func (s Subjects) phrases(p *diff.Plan) []phrase {
	var out []phrase
	index := map[schema.ID]int{}
	for _, step := range p.Steps {
		subject := s.Of(step.ID)
		i, ok := index[subject]
		if !ok {
			i = len(out)
			index[subject] = i
			out = append(out, phrase{verb: "change", subject: subject})
		}
		switch {
		case step.ID == subject && step.Action == diff.Rename:
			out[i].verb = "rename"
		case step.ID == subject && s.To.Objects[subject] == nil: // which from may have under another name
			out[i].verb = "drop"
		case step.ID == subject && s.From.Objects[subject] == nil && out[i].verb != "rename":
			out[i].verb = "add"
		case step.ID.Kind == "column" && step.Action != diff.Alter && out[i].detail == "" && out[i].verb == "change":
			verb := map[diff.Action]string{diff.Create: "add ", diff.Drop: "drop ", diff.Rename: "rename "}[step.Action]
			out[i].detail = verb + bare(step.ID.Name)
		}
	}
	rank := map[string]int{"add": 0, "rename": 1, "change": 2, "drop": 3}
	slices.SortStableFunc(out, func(a, b phrase) int { return rank[a.verb] - rank[b.verb] })
	return slices.DeleteFunc(out, func(p phrase) bool { return s.minor(p, out) })
}

// minor reports whether a phrase adds nothing to another: an extension's or a
// schema's mere privileges beside a table.
func (s Subjects) minor(p phrase, all []phrase) bool {
	return p.subject.Kind == "schema" && p.verb == "change" && len(all) > 1
}

func (p phrase) words() string {
	if p.detail != "" {
		verb, column, _ := strings.Cut(p.detail, " ")
		return verb + " column " + column + map[string]string{"add": " to ", "drop": " from ", "rename": " of "}[verb] + p.subject.Name
	}
	return p.verb + " " + p.subject.String()
}

// Summary says in a line what a plan does.
func (s Subjects) Summary(p *diff.Plan) string {
	var out []string
	all := s.phrases(p)
	for i, ph := range all {
		if i == 5 && len(all) > 6 {
			out = append(out, "and more")
			break
		}
		out = append(out, ph.words())
	}
	text := strings.Join(out, "; ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}

// Title makes up a name for the file of a plan: add_guest_reviews.
func (s Subjects) Title(p *diff.Plan) string {
	all := s.phrases(p)
	var out []string
	for i, ph := range all {
		if i == 2 {
			break
		}
		name := ph.verb + "_" + bare(ph.subject.Name)
		if ph.detail != "" {
			verb, column, _ := strings.Cut(ph.detail, " ")
			name = verb + "_" + column + map[string]string{"add": "_to_", "drop": "_from_", "rename": "_of_"}[verb] + bare(ph.subject.Name)
		}
		if i == 1 && ph.verb == all[0].verb && ph.detail == "" && all[0].detail == "" {
			name = bare(ph.subject.Name)
		}
		out = append(out, name)
	}
	title := strings.Trim(odd.ReplaceAllString(strings.ToLower(strings.Join(out, "_and_")), "_"), "_")
	if len(all) > 2 && len(title) <= 40 {
		title += "_and_more"
	}
	if len(title) > 60 {
		title = strings.Trim(title[:60], "_")
	}
	if title == "" {
		return "changes"
	}
	return title
}

// Names lists the bare names of what a plan is about.
func (s Subjects) Names(p *diff.Plan) []string {
	var out []string
	for _, ph := range s.phrases(p) {
		if name := bare(ph.subject.Name); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

var odd = regexp.MustCompile(`[^a-z0-9]+`)

// bare is a name without its schema, its quotes and its arguments.
func bare(name string) string {
	name, _, _ = strings.Cut(name, "(")
	name, _, _ = strings.Cut(name, " on ")
	parts := strings.Split(name, ".")
	return strings.ReplaceAll(parts[len(parts)-1], `"`, "")
}
