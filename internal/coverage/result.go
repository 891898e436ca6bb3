package coverage

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// A Check is one of the questions that are put to a case.
type Check string

// The checks, in the order of the report.
const (
	Loads     Check = "loads"      // the server takes the SQL as it was given
	Replay    Check = "as psql"    // plumb's replay of a history is the same as psql's
	Itself    Check = "itself"     // a copy of a state shows no drift
	There     Check = "there"      // from the first state to the second; from a stop of a history to its end
	Back      Check = "back"       // and the other way round
	FromEmpty Check = "from empty" // from what the prelude makes to the last state
	ToEmpty   Check = "to empty"   // and the other way round
)

// Checks lists all that plumb answers for.
var Checks = []Check{Replay, Itself, There, Back, FromEmpty, ToEmpty}

// A Result is the answer of one case to one check on one major. Why is "" where
// all is well; Rows is what the server said where rows that the history had
// made stopped the plan until they were removed.
type Result struct {
	Suite string `json:"suite"`
	Case  string `json:"case"`
	Major int    `json:"major"`
	Check Check  `json:"check"`
	Why   string `json:"why,omitempty"`
	Rows  string `json:"rows,omitempty"`
}

// Results are the answers of one or several runs.
type Results struct {
	Results []Result `json:"results"`
	// Dumped lists the majors at which pg_dump was the second witness.
	Dumped []int `json:"dumped"`
	// Reasons says what people found out about what is not well, by suite/case
	// and check as the report writes them.
	Reasons map[string]string `json:"-"`
}

// ReadReasons reads lines such as
//
//	suite/case, back: nothing but making the column anew would do it
//
// Lines that begin with # are for readers only.
func ReadReasons(path string) (map[string]string, error) {
	out := map[string]string{}
	if path == "" {
		return out, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the reasons: %w", err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if what, why, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") {
			out[what] = why
		}
	}
	return out, nil
}

// Merge replaces the answers of the suites and majors that later has.
func (r *Results) Merge(later Results) {
	type run struct {
		suite string
		major int
	}
	again := map[run]bool{}
	for _, l := range later.Results {
		again[run{l.Suite, l.Major}] = true
	}
	r.Results = slices.DeleteFunc(r.Results, func(o Result) bool { return again[run{o.Suite, o.Major}] })
	r.Results = append(r.Results, later.Results...)
	slices.SortStableFunc(r.Results, func(a, b Result) int {
		return cmp.Or(strings.Compare(a.Suite, b.Suite), cmp.Compare(a.Major, b.Major))
	})
	for _, major := range later.Dumped {
		if !slices.Contains(r.Dumped, major) {
			r.Dumped = append(r.Dumped, major)
		}
	}
	slices.Sort(r.Dumped)
}

// ReadResults reads what Write wrote; a file that is not there holds none.
func ReadResults(path string) (Results, error) {
	var r Results
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		return r, fmt.Errorf("cannot read the results in %s: %w", path, err)
	}
	return r, nil
}

// Write writes the results to a file.
func (r Results) Write(path string) error {
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

func lines(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return strings.Fields(string(data)), err
}
