package report

import (
	"encoding/json"
	"io"
	"strings"
)

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
		Remarks  []string   `json:"remarks"`
	}{1, a.summary(), a.ExitCode(), a.Expected, []cluster{}, []database{}, list(a.remarks())}
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
