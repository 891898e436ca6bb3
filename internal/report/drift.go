package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// Drift is how a live database differs from what its history makes.
type Drift struct {
	Target   string // the database, without its password
	Expected string // the history
	Version  string // the last migration that the expectation takes in
	Major    int    // of the database
	Compared int    // how many objects were compared

	Findings []Finding
	Accepted []Finding // differences that somebody has accepted: no drift
	Remarks  []string  // what is to be said of the acceptances
	Pending  []string  // migrations not applied yet: no drift
	Unknown  []string  // applied, but no file of the history
	Log      string    // where the database notes what was applied

	Hidden      map[string]int // objects left out, by rule
	NotExamined []string       // what the database holds and plumb cannot compare
	NotVisible  []string       // what the role that read was not shown
}

// Drifted reports whether there is any drift.
func (d *Drift) Drifted() bool { return len(d.Findings) > 0 }

// A Group is the heading under which a finding is reported.
type Group string

// The groups, in the order of a report.
const (
	Security Group = "security" // somebody may do more than the history says
	Changed  Group = "changed"
	Missing  Group = "missing" // in the history, not in the database
	Extra    Group = "extra"   // in the database only
)

// Groups lists the groups in the order of a report.
var Groups = []Group{Security, Changed, Missing, Extra}

// A Severity says how much a finding matters.
type Severity string

// The severities, the worst first.
const (
	High   Severity = "high"   // security: somebody may do more than the history says
	Medium Severity = "medium" // changed or missing: what the history says does not hold
	Low    Severity = "low"    // extra: there is more than the history says
)

// Severities lists the severities, the worst first.
var Severities = []Severity{High, Medium, Low}

// A Finding is one object that differs.
type Finding struct {
	ID    string // stays the same from run to run
	Group Group
	What  Group // changed, missing or extra, whatever the group
	Kind  string
	Name  string
	Attrs []Attr
	Parts int // how many parts are missing, or extra, with the object
	// Made and Changed are the migrations that made the object, or what it is a
	// part of, and changed it last; zero where no migration did, or where that was
	// not asked.
	Made, Changed Place
	// Adopt is the SQL that a migration needs for the history to lead to what is
	// there, Revert what the database needs to be as the history says.
	Adopt, Revert []string
	// Acceptance is why it is accepted, where it is.
	Acceptance *Acceptance
}

// A Place is a statement of a migration.
type Place struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Statement string `json:"statement"`
}

// Object is what the finding is about, in words: table public.units.
func (f Finding) Object() string { return schema.ID{Kind: f.Kind, Name: f.Name}.String() }

// Severity is how much the finding matters.
func (f Finding) Severity() Severity {
	switch f.Group {
	case Security:
		return High
	case Extra:
		return Low
	}
	return Medium
}

// Title says in a line what was found.
func (f Finding) Title() string {
	text := OneLine(f.Object())
	switch f.What {
	case Changed:
		var names []string
		for _, a := range f.Attrs {
			names = append(names, a.Name)
		}
		text += " differs in " + strings.Join(names, ", ")
	case Missing:
		text += " is missing"
	default:
		text += " is in no migration"
	}
	if f.Group == Security {
		text += ": somebody may do more than the migrations say"
	}
	return text
}

// At reports whether any finding is as severe as that, or more.
func (d *Drift) At(least Severity) bool {
	return slices.ContainsFunc(d.Findings, func(f Finding) bool {
		return slices.Index(Severities, f.Severity()) <= slices.Index(Severities, least)
	})
}

// Find returns the findings, accepted ones too, whose ID begins so.
func (d *Drift) Find(id string) []Finding {
	return slices.DeleteFunc(slices.Concat(d.Findings, d.Accepted), func(f Finding) bool {
		return !strings.HasPrefix(f.ID, id) && !strings.HasPrefix(f.ID, "D-"+id)
	})
}

// An Attr is an attribute that differs; one side is empty where an object is
// missing or extra.
type Attr struct{ Name, Expected, Actual string }

// Findings turns changes, from what is expected to what is there, into
// findings in the order of a report. Parts of what is missing or extra are
// only counted, unless they are a matter of security.
func Findings(changes []diff.Change, kinds schema.Kinds) []Finding {
	whole := map[schema.ID]Group{}
	for _, c := range changes {
		whole[c.ID()] = what(c)
	}
	parts := map[schema.ID]int{}
	var out []Finding
	index := map[schema.ID]int{}
	for _, c := range changes {
		f := finding(c, kinds.Find(c.ID().Kind))
		if column, ok := follows(c, whole); ok {
			parts[column]++
			continue
		}
		if parent := top(c, changes, whole); parent != c.ID() && f.Group != Security {
			parts[parent]++
			continue
		}
		index[c.ID()] = len(out)
		out = append(out, f)
	}
	for id, n := range parts {
		if i, ok := index[id]; ok {
			out[i].Parts = n
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return slices.Index(Groups, a.Group) - slices.Index(Groups, b.Group)
	})
	return out
}

// follows reports whether an object that only holds more lines, or fewer, than it
// should does so because something that it needs is missing, or extra: a row of
// a table has as many values as that has columns.
func follows(c diff.Change, whole map[schema.ID]Group) (schema.ID, bool) {
	if what(c) != Changed {
		return schema.ID{}, false
	}
	for _, a := range c.Attrs {
		fewer, more := strings.Split(c.Old.Get(a), "\n"), strings.Split(c.New.Get(a), "\n")
		if len(fewer) > len(more) {
			fewer, more = more, fewer
		}
		if len(fewer) == len(more) || slices.ContainsFunc(fewer, func(l string) bool { return !slices.Contains(more, l) }) {
			return schema.ID{}, false
		}
	}
	for _, n := range slices.Concat(c.Old.Needs, c.New.Needs) {
		if g := whole[n]; g == Missing || g == Extra {
			return n, true
		}
	}
	return schema.ID{}, false
}

func what(c diff.Change) Group {
	switch {
	case c.New == nil:
		return Missing
	case c.Old == nil:
		return Extra
	}
	return Changed
}

// top is the outermost object that is missing, or extra, with this one.
func top(c diff.Change, changes []diff.Change, whole map[schema.ID]Group) schema.ID {
	id, group := c.ID(), what(c)
	if group == Changed {
		return id
	}
	byID := func(id schema.ID) *schema.Object {
		i, ok := slices.BinarySearchFunc(changes, id, func(c diff.Change, id schema.ID) int {
			switch {
			case c.ID() == id:
				return 0
			case c.ID().Less(id):
				return -1
			}
			return 1
		})
		if !ok {
			return nil
		}
		if changes[i].New != nil {
			return changes[i].New
		}
		return changes[i].Old
	}
	for range 8 {
		o := byID(id)
		if o == nil || whole[o.Parent] != group {
			return id
		}
		id = o.Parent
	}
	return id
}

func finding(c diff.Change, k *schema.Kind) Finding {
	f := Finding{Group: what(c), What: what(c), Kind: c.ID().Kind, Name: c.ID().Name}
	if k.Widens != nil && k.Widens(c.Old, c.New) {
		f.Group = Security
	}
	names := c.Attrs
	if f.What != Changed {
		o := c.Old
		if o == nil {
			o = c.New
		}
		for _, name := range o.Attrs.Names {
			if a, ok := k.Attr(name); ok && !a.Fact && o.Has(name) && o.Get(name) != "f" {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		a := Attr{Name: name}
		if c.Old != nil {
			a.Expected = c.Old.Get(name)
		}
		if c.New != nil {
			a.Actual = c.New.Get(name)
		}
		f.Attrs = append(f.Attrs, a)
	}
	f.ID = fingerprint(f)
	return f
}

// fingerprint names a finding by what it says, so that it can be referred to.
func fingerprint(f Finding) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", f.What, f.Kind, f.Name, f.Attrs))
	return "D-" + hex.EncodeToString(sum[:5])
}

// hiddenText says what was left out, by rule.
func hiddenText(hidden map[string]int) string {
	total := 0
	var rules []string
	for _, rule := range slices.Sorted(maps.Keys(hidden)) {
		total += hidden[rule]
		rules = append(rules, fmt.Sprintf("%s %d", OneLine(rule), hidden[rule]))
	}
	if total == 0 {
		return "none"
	}
	return fmt.Sprintf("%d objects (%s)", total, strings.Join(rules, ", "))
}
