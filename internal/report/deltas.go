package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// Deltas is what changed from one version of a history to another.
type Deltas struct {
	From, To string
	Changes  []diff.Change
	Subjects Subjects
}

// bySubject lists the changes by the object that they are about.
func (d *Deltas) bySubject() (order []schema.ID, changes map[schema.ID][]diff.Change) {
	changes = map[schema.ID][]diff.Change{}
	for _, c := range d.Changes {
		subject := d.Subjects.Of(c.ID())
		if changes[subject] == nil {
			order = append(order, subject)
		}
		changes[subject] = append(changes[subject], c)
	}
	slices.SortFunc(order, schema.CompareIDs)
	return order, changes
}

// Text tells the changes in words: what is new and what is gone in a line, what
// has changed part by part.
func (d *Deltas) Text(w io.Writer) error {
	t := text{}
	d.write(&t, func(s string) string { return s }, "  ")
	_, err := io.WriteString(w, t.out.String())
	return err
}

// Markdown does so for a page.
func (d *Deltas) Markdown(w io.Writer) error {
	t := text{}
	t.line("## From %s to %s\n", markdown(d.From), markdown(d.To))
	d.write(&t, markdown, "  - ")
	_, err := io.WriteString(w, t.out.String())
	return err
}

func (d *Deltas) write(t *text, safe func(string) string, indent string) {
	bullet := strings.TrimPrefix(indent, "  ")
	order, changes := d.bySubject()
	for _, heading := range []Group{Extra, Changed, Missing} {
		for _, subject := range order {
			all := changes[subject]
			own := slices.IndexFunc(all, func(c diff.Change) bool { return c.ID() == subject })
			is := Changed
			if own >= 0 {
				is = what(all[own])
			}
			if is != heading {
				continue
			}
			t.line("%s%s %s%s", bullet, deltaSigns[is], safe(OneLine(subject.String())), counted(is, all, subject))
			if is != Changed {
				continue
			}
			for _, c := range all {
				t.line("%s%s %s", indent, deltaSigns[what(c)], safe(OneLine(d.sentence(c, subject))))
			}
		}
	}
	if len(order) == 0 {
		t.line("%snothing has changed", bullet)
	}
}

var deltaSigns = map[Group]string{Extra: "+", Changed: "~", Missing: "-"}

// counted says how many parts of each kind come or go with an object.
func counted(is Group, all []diff.Change, subject schema.ID) string {
	if is == Changed {
		return ""
	}
	count := map[string]int{}
	var kinds []string
	for _, c := range all {
		if k := c.ID().Kind; c.ID() != subject {
			if count[k]++; count[k] == 1 {
				kinds = append(kinds, k)
			}
		}
	}
	var out []string
	for _, k := range kinds {
		out = append(out, fmt.Sprintf("%s %d", k, count[k]))
	}
	if out == nil {
		return ""
	}
	return "  (" + strings.Join(out, ", ") + ")"
}

// sentence says what has changed of an object, attribute by attribute.
func (d *Deltas) sentence(c diff.Change, subject schema.ID) string {
	name := c.ID().String()
	if c.ID() == subject {
		name = "itself"
	}
	if what(c) != Changed {
		return name
	}
	var out []string
	for _, a := range c.Attrs {
		was, is := value(c.Old.Get(a)), value(c.New.Get(a))
		if len(was)+len(is) > 100 {
			out = append(out, a)
		} else {
			out = append(out, fmt.Sprintf("%s %s → %s", a, was, is))
		}
	}
	return name + ": " + strings.Join(out, ", ")
}

// JSON writes the changes for programs.
func (d *Deltas) JSON(w io.Writer, sql []string) error {
	type attr struct {
		Name string `json:"name"`
		From string `json:"from"`
		To   string `json:"to"`
	}
	type change struct {
		What    string `json:"what"` // added, changed, dropped
		Kind    string `json:"kind"`
		Name    string `json:"name"`
		Subject string `json:"subject"`
		Attrs   []attr `json:"attributes"`
	}
	words := map[Group]string{Extra: "added", Changed: "changed", Missing: "dropped"}
	out := struct {
		From    string   `json:"from"`
		To      string   `json:"to"`
		Changes []change `json:"changes"`
		SQL     []string `json:"sql"`
	}{d.From, d.To, []change{}, list(sql)}
	for _, c := range d.Changes {
		j := change{words[what(c)], c.ID().Kind, c.ID().Name, d.Subjects.Of(c.ID()).String(), []attr{}}
		for _, a := range c.Attrs {
			j.Attrs = append(j.Attrs, attr{a, c.Old.Get(a), c.New.Get(a)})
		}
		out.Changes = append(out.Changes, j)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
