package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// AcceptFile is the name of the file of acceptances.
const AcceptFile = ".plumbignore"

// An Acceptance is a line of the file of acceptances: a difference that somebody
// answers for, until a day.
//
//	index public.idx_tmp_* | 2027-01-31 | ana@example.com | support needs it until v2
//	D-0123456789           | 2027-03-01 | ben@example.com | the vendor's own column
//
// The pattern is the ID of a finding, or an object as a report names it, with *
// for anything. What is accepted with a table covers the table's parts that
// are missing, or extra, with it.
type Acceptance struct {
	Pattern, Owner, Reason string
	Until                  time.Time // the last day on which it counts
	Line                   int

	object *regexp.Regexp
}

// ParseAcceptances reads the text of a file of acceptances. A line that lacks
// anything is an error: nobody would answer for it.
func ParseAcceptances(path, text string) ([]*Acceptance, error) {
	var out []*Acceptance
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		a, err := parseAcceptance(line)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s:%d: %w", path, n, err)
		}
		a.Line = n
		out = append(out, a)
	}
	return out, nil
}

func parseAcceptance(line string) (*Acceptance, error) {
	parts := strings.SplitN(line, "|", 4)
	for len(parts) < 4 {
		parts = append(parts, "")
	}
	a := &Acceptance{Pattern: strings.TrimSpace(parts[0]), Owner: strings.TrimSpace(parts[2]), Reason: strings.TrimSpace(parts[3])}
	var err error
	if a.Until, err = time.Parse(time.DateOnly, strings.TrimSpace(parts[1])); err != nil {
		return nil, fmt.Errorf("%q is no day; a line is: pattern | last day as 2027-01-31 | who answers for it | why", strings.TrimSpace(parts[1]))
	}
	if a.Pattern == "" || a.Owner == "" || a.Reason == "" {
		return nil, fmt.Errorf("a line is: pattern | last day as 2027-01-31 | who answers for it | why; all four are needed")
	}
	a.object = regexp.MustCompile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(a.Pattern), `\*`, ".*") + "$")
	return a, nil
}

func (a *Acceptance) covers(f Finding) bool {
	return a.Pattern == f.ID || a.object.MatchString(f.Object()) || a.object.MatchString(f.Name)
}

// Accept moves the findings that are accepted on a day out of the drift. An
// acceptance that has expired counts no more, and one that covers nothing is
// told of, so that the file stays short.
func (d *Drift) Accept(all []*Acceptance, today time.Time) {
	used := map[*Acceptance]bool{}
	d.Findings = slices.DeleteFunc(d.Findings, func(f Finding) bool {
		var expired []string
		for _, a := range all {
			if !a.covers(f) {
				continue
			}
			used[a] = true
			if !today.Before(a.Until.AddDate(0, 0, 1)) {
				expired = append(expired, fmt.Sprintf("%s:%d has expired on %s, so %s counts again; ask %s", AcceptFile, a.Line, a.Until.Format(time.DateOnly), OneLine(f.Object()), OneLine(a.Owner)))
				continue
			}
			f.Acceptance = a
			d.Accepted = append(d.Accepted, f)
			return true
		}
		d.Remarks = append(d.Remarks, expired...)
		return false
	})
	for _, a := range all {
		if !used[a] {
			d.Remarks = append(d.Remarks, fmt.Sprintf("%s:%d covers nothing any more; remove it: %s", AcceptFile, a.Line, OneLine(a.Pattern)))
		}
	}
}
