package report

import (
	"encoding/json"
	"io"
	"strings"
)

var gitlabLevels = map[Severity]string{High: "critical", Medium: "major", Low: "minor"}

// GitLab writes the report as GitLab's Code Quality does. What is accepted is
// there for information.
func (d *Drift) GitLab(w io.Writer) error {
	type lines struct {
		Begin int `json:"begin"`
	}
	type location struct {
		Path  string `json:"path"`
		Lines lines  `json:"lines"`
	}
	type issue struct {
		Description string   `json:"description"`
		CheckName   string   `json:"check_name"`
		Fingerprint string   `json:"fingerprint"`
		Severity    string   `json:"severity"`
		Location    location `json:"location"`
	}
	out := []issue{}
	add := func(f Finding, severity, text string) {
		p := d.at(f)
		out = append(out, issue{OneLine(strings.ReplaceAll(text, "\n", "; ")), "drift/" + string(f.Group), f.ID, severity, location{p.File, lines{max(p.Line, 1)}}})
	}
	for _, f := range d.Findings {
		add(f, gitlabLevels[f.Severity()], f.Title()+detailed(f))
	}
	for _, f := range d.Accepted {
		add(f, "info", f.Title()+", accepted by "+f.Acceptance.Owner+": "+f.Acceptance.Reason)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
