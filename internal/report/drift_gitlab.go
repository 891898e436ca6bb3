package report

import (
	"encoding/json"
	"io"
	"strings"
)

var gitlabLevels = map[Severity]string{High: "critical", Medium: "major", Low: "minor"}

// GitLab writes the report as GitLab's Code Quality does.
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
	for _, f := range d.Findings {
		p := d.at(f)
		out = append(out, issue{OneLine(strings.ReplaceAll(f.Title()+detailed(f), "\n", "; ")), "drift/" + string(f.Group), f.ID, gitlabLevels[f.Severity()], location{p.File, lines{max(p.Line, 1)}}})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
