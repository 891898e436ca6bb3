package report

import (
	"encoding/json"
	"io"
)

// JSON writes the report for programs.
func (d *Drift) JSON(w io.Writer) error {
	type attr struct {
		Name     string `json:"name"`
		Expected string `json:"expected"`
		Actual   string `json:"actual"`
	}
	type finding struct {
		ID    string `json:"id"`
		Group Group  `json:"group"`
		What  Group  `json:"what"`
		Kind  string `json:"kind"`
		Name  string `json:"name"`
		Attrs []attr `json:"attributes"`
		Parts int    `json:"parts,omitempty"`
	}
	type side struct {
		Name    string `json:"name"`
		Major   int    `json:"postgresql,omitempty"`
		Version string `json:"version,omitempty"`
	}
	out := struct {
		Status      string         `json:"status"`
		Target      side           `json:"target"`
		Expected    side           `json:"expected"`
		Findings    []finding      `json:"findings"`
		Pending     []string       `json:"pending"`
		Unknown     []string       `json:"applied_but_in_no_file"`
		Log         string         `json:"log,omitempty"`
		Hidden      map[string]int `json:"hidden"`
		NotExamined []string       `json:"not_examined"`
		NotVisible  []string       `json:"not_visible"`
		Compared    int            `json:"objects_compared"`
	}{
		"in_sync", side{Name: d.Target, Major: d.Major}, side{Name: d.Expected, Version: d.Version},
		[]finding{}, list(d.Pending), list(d.Unknown), d.Log, d.Hidden, list(d.NotExamined), list(d.NotVisible), d.Compared,
	}
	if d.Drifted() {
		out.Status = "drifted"
	}
	for _, f := range d.Findings {
		j := finding{f.ID, f.Group, f.What, f.Kind, f.Name, []attr{}, f.Parts}
		for _, a := range f.Attrs {
			j.Attrs = append(j.Attrs, attr(a))
		}
		out.Findings = append(out.Findings, j)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// list is never null in JSON.
func list(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}
