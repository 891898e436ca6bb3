package report

import (
	"io"
	"slices"
)

// A Format is a way to write a drift report.
type Format struct {
	Name  string
	Write func(d *Drift, w io.Writer) error
}

// Formats lists the ways to write a drift report.
var Formats = []Format{
	{"text", func(d *Drift, w io.Writer) error { return d.Text(w, false) }},
	{"json", (*Drift).JSON},
	{"markdown", (*Drift).Markdown},
	{"github", (*Drift).GitHub},
	{"sarif", (*Drift).SARIF},
	{"junit", (*Drift).JUnit},
	{"gitlab", (*Drift).GitLab},
	{"html", (*Drift).HTML},
}

// FormatNames lists their names.
func FormatNames() []string {
	var out []string
	for _, f := range Formats {
		out = append(out, f.Name)
	}
	return out
}

// FindFormat returns the format of that name, which has to be one of Formats.
func FindFormat(name string) Format {
	return Formats[slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })]
}
