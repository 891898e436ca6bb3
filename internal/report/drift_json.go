package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// jsonVersion is the version of the JSON report; docs/drift.schema.json says what
// it holds. It changes when a program that reads it could misread another one.
const jsonVersion = 1

type (
	jsonAttr struct {
		Name     string `json:"name"`
		Expected string `json:"expected"`
		Actual   string `json:"actual"`
	}
	jsonSQL struct {
		Adopt  []string `json:"adopt"`
		Revert []string `json:"revert"`
	}
	jsonOrigin struct {
		Made    Place `json:"made"`
		Changed Place `json:"changed"`
	}
	jsonAcceptance struct {
		Until  string `json:"until"`
		Owner  string `json:"owner"`
		Reason string `json:"reason"`
	}
	jsonFinding struct {
		ID       string          `json:"id"`
		Severity Severity        `json:"severity"`
		Group    Group           `json:"group"`
		What     Group           `json:"what"`
		Kind     string          `json:"kind"`
		Name     string          `json:"name"`
		Attrs    []jsonAttr      `json:"attributes"`
		Parts    int             `json:"parts,omitempty"`
		Origin   *jsonOrigin     `json:"origin,omitempty"`
		SQL      jsonSQL         `json:"sql"`
		Accepted *jsonAcceptance `json:"accepted,omitempty"`
	}
	jsonSide struct {
		Name    string `json:"name"`
		Major   int    `json:"postgresql,omitempty"`
		Version string `json:"version,omitempty"`
	}
	jsonDrift struct {
		Version     int            `json:"plumb_drift"`
		Status      string         `json:"status"`
		Target      jsonSide       `json:"target"`
		Expected    jsonSide       `json:"expected"`
		Findings    []jsonFinding  `json:"findings"`
		Accepted    []jsonFinding  `json:"accepted"`
		Remarks     []string       `json:"remarks"`
		Pending     []string       `json:"pending"`
		Unknown     []string       `json:"applied_but_in_no_file"`
		Log         string         `json:"log,omitempty"`
		Hidden      map[string]int `json:"hidden"`
		NotExamined []string       `json:"not_examined"`
		NotVisible  []string       `json:"not_visible"`
		Compared    int            `json:"objects_compared"`
	}
)

// JSON writes the report for programs.
func (d *Drift) JSON(w io.Writer) error {
	out := jsonDrift{
		Version: jsonVersion, Status: "in_sync",
		Target: jsonSide{Name: d.Target, Major: d.Major}, Expected: jsonSide{Name: d.Expected, Version: d.Version},
		Findings: jsonFindings(d.Findings), Accepted: jsonFindings(d.Accepted), Remarks: list(d.Remarks),
		Pending: list(d.Pending), Unknown: list(d.Unknown), Log: d.Log, Hidden: d.Hidden,
		NotExamined: list(d.NotExamined), NotVisible: list(d.NotVisible), Compared: d.Compared,
	}
	if d.Drifted() {
		out.Status = "drifted"
	}
	if out.Hidden == nil {
		out.Hidden = map[string]int{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func jsonFindings(findings []Finding) []jsonFinding {
	out := []jsonFinding{}
	for _, f := range findings {
		j := jsonFinding{ID: f.ID, Severity: f.Severity(), Group: f.Group, What: f.What, Kind: f.Kind, Name: f.Name,
			Attrs: []jsonAttr{}, Parts: f.Parts, SQL: jsonSQL{list(f.Adopt), list(f.Revert)}}
		for _, a := range f.Attrs {
			j.Attrs = append(j.Attrs, jsonAttr(a))
		}
		if f.Made.File != "" && f.What != Extra {
			j.Origin = &jsonOrigin{f.Made, f.Changed}
		}
		if a := f.Acceptance; a != nil {
			j.Accepted = &jsonAcceptance{a.Until.Format("2006-01-02"), a.Owner, a.Reason}
		}
		out = append(out, j)
	}
	return out
}

// ReadDrift reads what JSON wrote, as far as its findings go.
func ReadDrift(data []byte) (*Drift, error) {
	var in jsonDrift
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, err
	}
	if in.Version != jsonVersion {
		return nil, fmt.Errorf("it is no report of plumb drift --format json, or one of another version")
	}
	d := &Drift{Target: in.Target.Name, Expected: in.Expected.Name, Version: in.Expected.Version, Major: in.Target.Major}
	for _, j := range append(in.Findings, in.Accepted...) {
		f := Finding{ID: j.ID, Group: j.Group, What: j.What, Kind: j.Kind, Name: j.Name, Parts: j.Parts, Adopt: j.SQL.Adopt, Revert: j.SQL.Revert}
		for _, a := range j.Attrs {
			f.Attrs = append(f.Attrs, Attr(a))
		}
		if j.Origin != nil {
			f.Made, f.Changed = j.Origin.Made, j.Origin.Changed
		}
		d.Findings = append(d.Findings, f)
	}
	return d, nil
}

// list is never null in JSON.
func list(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}
