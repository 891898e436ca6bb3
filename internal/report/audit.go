package report

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fatih/color"
)

// An Audit is how many databases differ from what their history makes. Those
// that differ in the same way are told of once.
type Audit struct {
	Expected string // the history
	Clusters []*Cluster
	Failed   []Reading // that could not be told
}

// A Reading is what came of one database.
type Reading struct {
	Database string
	By       string // from where, by whom, when: empty for what was not read
	Problem  string // why it could not be told; there is no Drift then
	Drift    *Drift
}

// A Cluster is the databases of which the same was found.
type Cluster struct {
	Label    string // A, B, …; empty for those in sync
	Drift    *Drift // that of the first
	Readings []Reading

	found string
}

// Add takes a reading in. What was found is kept once.
func (a *Audit) Add(r Reading) {
	if r.Drift == nil {
		a.Failed = append(a.Failed, r)
		return
	}
	found := r.Drift.found()
	i := slices.IndexFunc(a.Clusters, func(c *Cluster) bool { return c.found == found })
	if i < 0 {
		i = len(a.Clusters)
		c := &Cluster{Drift: r.Drift, found: found}
		if r.Drift.Drifted() {
			c.Label = a.label()
		}
		a.Clusters = append(a.Clusters, c)
	}
	r.Drift = nil
	a.Clusters[i].Readings = append(a.Clusters[i].Readings, r)
}

// found is what makes two databases the same: all that was found, wherever.
func (d *Drift) found() string {
	rules := slices.Sorted(maps.Keys(d.Hidden)) // how many each hides may differ
	text, _ := json.Marshal([]any{d.Findings, d.Version, d.Pending, d.Unknown, d.NotExamined, d.NotVisible, rules})
	return string(text)
}

// label is the next of A … Z, AA, AB …
func (a *Audit) label() string {
	n := 0
	for _, c := range a.Clusters {
		if c.Label != "" {
			n++
		}
	}
	label := ""
	for n++; n > 0; n = (n - 1) / 26 {
		label = string(rune('A'+(n-1)%26)) + label
	}
	return label
}

// ExitCode is the worst of all: what is not known, then what differs.
func (a *Audit) ExitCode() int {
	switch {
	case len(a.Failed) > 0:
		return 1
	case slices.ContainsFunc(a.Clusters, func(c *Cluster) bool { return c.Drift.Drifted() }):
		return 2
	}
	return 0
}

// sorted lists the clusters: those in sync first, then the largest.
func (a *Audit) sorted() []*Cluster {
	out := slices.Clone(a.Clusters)
	slices.SortStableFunc(out, func(x, y *Cluster) int {
		switch inSync := x.Label == ""; {
		case inSync != (y.Label == ""):
			if inSync {
				return -1
			}
			return 1
		}
		return len(y.Readings) - len(x.Readings)
	})
	return out
}

// summary says in one line what came of all.
func (a *Audit) summary() string {
	var parts []string
	total, inSync := len(a.Failed), 0
	for _, c := range a.sorted() {
		n := len(c.Readings)
		total += n
		switch {
		case c.Label == "":
			inSync += n
		case n == 1:
			parts = append(parts, "1 alone with drift "+c.Label)
		default:
			parts = append(parts, fmt.Sprintf("%d share drift %s", n, c.Label))
		}
	}
	if inSync > 0 {
		parts = slices.Insert(parts, 0, fmt.Sprintf("%d identical to the migrations", inSync))
	}
	if n := len(a.Failed); n > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be told", n))
	}
	return fmt.Sprintf("%s: %s", count(total, "database"), strings.Join(parts, ", "))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// title is what the report of a cluster is about.
func (c *Cluster) title() string {
	title := count(len(c.Readings), "database")
	if c.Label != "" {
		title = c.Label + ": " + title
	}
	return title
}

// Text writes the audit for people, in colours if they are wanted.
func (a *Audit) Text(w io.Writer, colours bool) error {
	t := text{colours: colours}
	t.line("%s", t.paint(a.summary(), color.Bold))
	for _, c := range a.sorted() {
		d := *c.Drift
		d.Target = c.title()
		var body strings.Builder
		if err := d.Text(&body, colours); err != nil {
			return err
		}
		t.line("\n%s", body.String())
		for _, r := range c.Readings {
			t.line("  %s  %s", OneLine(r.Database), OneLine(r.By))
		}
	}
	if len(a.Failed) > 0 {
		t.line("\n%s", t.paint("COULD NOT BE TOLD", color.FgRed, color.Bold))
	}
	for _, r := range a.Failed {
		t.line("  %s  %s", OneLine(r.Database), OneLine(r.Problem))
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

// JSON writes the audit for programs.
func (a *Audit) JSON(w io.Writer) error {
	type database struct {
		Name    string `json:"name"`
		Read    string `json:"read,omitempty"`
		Problem string `json:"problem,omitempty"`
	}
	type cluster struct {
		Label     string          `json:"label,omitempty"`
		Databases []database      `json:"databases"`
		Report    json.RawMessage `json:"report"`
	}
	out := struct {
		Format   int        `json:"plumb_audit"` // the version of this form
		Summary  string     `json:"summary"`
		ExitCode int        `json:"exit_code"`
		Expected string     `json:"expected"`
		Clusters []cluster  `json:"clusters"`
		Failed   []database `json:"could_not_be_told"`
	}{1, a.summary(), a.ExitCode(), a.Expected, []cluster{}, []database{}}
	for _, c := range a.sorted() {
		var report strings.Builder
		if err := c.Drift.JSON(&report); err != nil {
			return err
		}
		j := cluster{Label: c.Label, Report: json.RawMessage(report.String())}
		for _, r := range c.Readings {
			j.Databases = append(j.Databases, database{Name: r.Database, Read: r.By})
		}
		out.Clusters = append(out.Clusters, j)
	}
	for _, r := range a.Failed {
		out.Failed = append(out.Failed, database{Name: r.Database, Problem: r.Problem})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// Markdown writes the audit for the summary of a job.
func (a *Audit) Markdown(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "**%s**\n", markdownCell(a.summary()))
	for _, c := range a.sorted() {
		d := *c.Drift
		d.Target = c.title()
		var body strings.Builder
		if err := d.Text(&body, false); err != nil {
			return err
		}
		fmt.Fprintf(&out, "\n%s\n", strings.TrimRight("    "+strings.ReplaceAll(body.String(), "\n", "\n    "), " \n"))
		fmt.Fprint(&out, "\n| database | read from |\n|---|---|\n")
		for _, r := range c.Readings {
			fmt.Fprintf(&out, "| %s | %s |\n", markdownCell(r.Database), markdownCell(r.By))
		}
	}
	if len(a.Failed) > 0 {
		fmt.Fprint(&out, "\n| could not be told | because |\n|---|---|\n")
	}
	for _, r := range a.Failed {
		fmt.Fprintf(&out, "| %s | %s |\n", markdownCell(r.Database), markdownCell(r.Problem))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

var markdownSigns = strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", "&", "&amp;", "[", `\[`, "@", "&#64;")

// markdownCell makes text safe for a cell of a table.
func markdownCell(s string) string { return markdownSigns.Replace(OneLine(s)) }
