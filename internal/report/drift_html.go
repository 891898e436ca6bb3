package report

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed drift.html
var driftPage string

var driftTemplate = template.Must(template.New("drift").Funcs(template.FuncMap{
	"of":     func(g Group, all []Finding) []Finding { return ofGroup(g, all) },
	"text":   func(g Group) string { return groupTexts[g] },
	"hidden": hiddenText,
	"value":  value,
}).Parse(driftPage))

// HTML writes the report as one page that needs nothing else.
func (d *Drift) HTML(w io.Writer) error {
	return driftTemplate.Execute(w, struct {
		*Drift
		Groups []Group
	}{d, Groups})
}

func ofGroup(g Group, all []Finding) []Finding {
	var out []Finding
	for _, f := range all {
		if f.Group == g {
			out = append(out, f)
		}
	}
	return out
}
