package report

import (
	"encoding/json"
	"io"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// PlanJSON writes a plan for programs: each step with why it is there, what it
// waits for, and what goes with it. NotExamined is what was not compared.
func PlanJSON(w io.Writer, plan *diff.Plan, notExamined []string) error {
	type object struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	}
	type step struct {
		Action  diff.Action `json:"action"`
		Kind    string      `json:"kind"`
		Name    string      `json:"name"`
		Was     string      `json:"was,omitempty"`
		SQL     []string    `json:"sql"`
		Because *object     `json:"because,omitempty"`
		Attrs   []string    `json:"attributes,omitempty"`
		After   []int       `json:"after"`
		Takes   []object    `json:"takes"`
		Loses   []object    `json:"loses"`
		Guess   string      `json:"guess,omitempty"`
		Alone   bool        `json:"alone,omitempty"`
	}
	out := struct {
		Settings    []string `json:"settings"`
		Steps       []step   `json:"steps"`
		NotExamined []string `json:"not_examined"`
	}{list(plan.Settings), []step{}, list(notExamined)}
	objects := func(ids []schema.ID) []object {
		all := []object{}
		for _, id := range ids {
			all = append(all, object(id))
		}
		return all
	}
	place := map[diff.Ref]int{}
	for i, s := range plan.Steps {
		place[s.Ref()] = i
		j := step{Action: s.Action, Kind: s.ID.Kind, Name: s.ID.Name, Was: s.Was.Name, SQL: s.SQL, Attrs: s.Attrs,
			After: []int{}, Takes: objects(s.Takes), Loses: objects(s.Loses), Guess: s.Guess, Alone: s.Alone}
		if !s.Because.IsZero() {
			because := object(s.Because)
			j.Because = &because
		}
		for _, r := range s.After {
			j.After = append(j.After, place[r])
		}
		out.Steps = append(out.Steps, j)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
