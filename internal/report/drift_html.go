package report

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
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
	var page strings.Builder
	err := driftTemplate.Execute(&page, struct {
		*Drift
		Groups []Group
	}{d, Groups})
	if err != nil {
		return err
	}
	for line := range strings.Lines(page.String()) {
		if _, err := io.WriteString(w, OneLine(strings.TrimSuffix(line, "\n"))+"\n"); err != nil {
			return err
		}
	}
	return nil
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
