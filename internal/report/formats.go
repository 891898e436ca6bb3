package report

import (
	"io"
	"slices"
)

// A Format is a way to write a drift report.
type Format struct {
	Name  string
	Write func(d *Drift, w io.Writer) error
	// Left is what the format has no place for, and is to be told in another way.
	Left func(d *Drift) []string
}

// Formats lists the ways to write a drift report.
var Formats = []Format{
	{"text", func(d *Drift, w io.Writer) error { return d.Text(w, false) }, nothing},
	{"json", (*Drift).JSON, nothing},
	{"markdown", (*Drift).Markdown, nothing},
	{"github", (*Drift).GitHub, (*Drift).unseen},
	{"sarif", (*Drift).SARIF, (*Drift).asides},
	{"junit", (*Drift).JUnit, (*Drift).asides},
	{"gitlab", (*Drift).GitLab, (*Drift).asides},
	{"html", (*Drift).HTML, nothing},
}

func nothing(*Drift) []string { return nil }

// unseen says what was not compared, and what was applied that is in no file.
func (d *Drift) unseen() []string {
	var out []string
	for _, u := range d.Unknown {
		out = append(out, "applied, but in no file: "+OneLine(u))
	}
	for _, n := range d.NotVisible {
		out = append(out, "not visible: "+OneLine(n))
	}
	for _, n := range d.NotExamined {
		out = append(out, "not examined: "+OneLine(n))
	}
	return out
}

// asides says what is neither a finding nor accepted.
func (d *Drift) asides() []string { return append(d.unseen(), d.Remarks...) }

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
