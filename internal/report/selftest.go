package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/tvl-platform/plumb/internal/selftest"
)

// Selftest is which classes of drift a comparison notices.
type Selftest struct {
	Target   string
	Major    int
	Objects  int // that are compared
	Outcomes []selftest.Outcome
}

// Count counts the classes of which that came.
func (s *Selftest) Count(v selftest.Verdict) int {
	n := 0
	for _, o := range s.Outcomes {
		if o.Verdict == v {
			n++
		}
	}
	return n
}

// verdicts are in the order of the summary.
var verdicts = []selftest.Verdict{selftest.Caught, selftest.Missed, selftest.LeftOut, selftest.Untried, selftest.Nothing, selftest.Unlooked}

// Text writes the outcomes as a table, and what was done where it was missed.
func (s *Selftest) Text(w io.Writer) {
	fmt.Fprintf(w, "%s (PostgreSQL %d, %d objects compared)\n\n", OneLine(s.Target), s.Major, s.Objects)
	for _, o := range s.Outcomes {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-22s  %-46s  %s", o.Verdict, o.Class, OneLine(o.Note)), " "))
		if o.Verdict == selftest.Missed || o.Verdict == selftest.Untried {
			fmt.Fprintf(w, "%-22s    %s\n", "", OneLine(o.SQL))
		}
	}
	fmt.Fprintln(w)
	separator := ""
	for _, v := range verdicts {
		if n := s.Count(v); n > 0 || v == selftest.Caught || v == selftest.Missed {
			fmt.Fprintf(w, "%s%d %s", separator, n, v)
			separator = ", "
		}
	}
	fmt.Fprintln(w)
}

// JSON writes the outcomes for programs.
func (s *Selftest) JSON(w io.Writer) error {
	type outcome struct {
		Class   string           `json:"class"`
		Verdict selftest.Verdict `json:"verdict"`
		Kind    string           `json:"kind,omitempty"`
		Name    string           `json:"name,omitempty"`
		SQL     string           `json:"sql,omitempty"`
		Note    string           `json:"note,omitempty"`
	}
	out := struct {
		Format   int                      `json:"plumb_selftest"` // the version of this form
		Target   string                   `json:"target"`
		Major    int                      `json:"postgresql"`
		Compared int                      `json:"objects_compared"`
		Counts   map[selftest.Verdict]int `json:"counts"`
		Outcomes []outcome                `json:"outcomes"`
	}{1, s.Target, s.Major, s.Objects, map[selftest.Verdict]int{}, []outcome{}}
	for _, v := range verdicts {
		out.Counts[v] = s.Count(v)
	}
	for _, o := range s.Outcomes {
		out.Outcomes = append(out.Outcomes, outcome{o.Class, o.Verdict, o.Victim.Kind, o.Victim.Name, o.SQL, o.Note})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
