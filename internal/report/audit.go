package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Audit is how many databases differ from what their history makes. Those
// that differ in the same way are told of once.
type Audit struct {
	Expected string // the history
	Clusters []*Cluster
	Failed   []Reading // that could not be told
	FailOn   Severity  // the least that counts for the exit code; empty: any

	said map[string]int // remarks, and of how many databases they were made
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
	a.remark(r.Drift)
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

// remark notes what is to be said of the acceptances: one that covers nothing in
// a database may well cover something in another.
func (a *Audit) remark(d *Drift) {
	if a.said == nil {
		a.said = map[string]int{}
	}
	for _, r := range d.Remarks {
		a.said[r]++
	}
	d.Remarks = nil
}

// remarks lists what is to be said of all databases that were read.
func (a *Audit) remarks() []string {
	read := 0
	for _, c := range a.Clusters {
		read += len(c.Readings)
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(a.said)), func(r string) bool { return a.said[r] < read })
}

// found is what makes two databases the same: all that was found, wherever.
func (d *Drift) found() string {
	rules := slices.Sorted(maps.Keys(d.Hidden)) // how many each hides may differ
	text, _ := json.Marshal([]any{d.Findings, d.Accepted, d.Version, d.Pending, d.Unknown, d.NotExamined, d.NotVisible, rules})
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
	case slices.ContainsFunc(a.Clusters, a.counts):
		return 2
	}
	return 0
}

// counts reports whether the drift of a cluster matters for the exit code.
func (a *Audit) counts(c *Cluster) bool {
	if a.FailOn == "" {
		return c.Drift.Drifted()
	}
	return c.Drift.At(a.FailOn)
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
