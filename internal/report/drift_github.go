package report

import (
	"fmt"
	"io"
	"path"
	"strings"
)

var githubLevels = map[Severity]string{High: "error", Medium: "warning", Low: "notice"}

// GitHub writes the report as commands of a GitHub workflow: an annotation for
// each finding, at the line of the migration that made the object.
func (d *Drift) GitHub(w io.Writer) error {
	var out strings.Builder
	for _, f := range d.Findings {
		at := ""
		if p := d.at(f); p.File != "" {
			at = fmt.Sprintf("file=%s,line=%d,", githubProperty(p.File), p.Line)
		}
		fmt.Fprintf(&out, "::%s %stitle=%s::%s\n", githubLevels[f.Severity()], at, githubProperty("plumb "+f.ID+" "+string(f.Group)), githubText(f.Title()+detailed(f)))
	}
	for _, r := range d.Remarks {
		fmt.Fprintf(&out, "::warning file=%s::%s\n", AcceptFile, githubText(r))
	}
	for _, a := range d.accepted() {
		fmt.Fprintf(&out, "accepted: %s\n", githubLine(a))
	}
	verdict := "in sync"
	if d.Drifted() {
		verdict = fmt.Sprintf("drifted, %d findings", len(d.Findings))
	}
	fmt.Fprintf(&out, "%s: %s, %d accepted, %d pending\n", githubLine(d.Target), verdict, len(d.Accepted), len(d.Pending))
	_, err := io.WriteString(w, out.String())
	return err
}

// at is where a finding is shown: at the migration that made the object, or else
// at the last one.
func (d *Drift) at(f Finding) Place {
	p := f.Made
	if p.File == "" && d.Version != "" {
		p = Place{File: d.Version, Line: 1}
	}
	if p.File != "" && d.Expected != "" {
		p.File = path.Join(d.Expected, p.File) // without ./, which GitHub does not find
	}
	return p
}

// detailed lists both sides of what differs.
func detailed(f Finding) string {
	var out strings.Builder
	for _, a := range f.Attrs {
		switch f.What {
		case Changed:
			fmt.Fprintf(&out, "\n%s: expected %s, actual %s", a.Name, value(a.Expected), value(a.Actual))
		case Missing:
			fmt.Fprintf(&out, "\n%s: %s", a.Name, value(a.Expected))
		default:
			fmt.Fprintf(&out, "\n%s: %s", a.Name, value(a.Actual))
		}
	}
	if f.Parts > 0 {
		fmt.Fprintf(&out, "\nand %d of its parts", f.Parts)
	}
	return out.String()
}

// githubText escapes the text of a workflow command: a % or the end of a line
// in it would begin another one.
func githubText(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func githubProperty(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubText(text))
}

// githubLine is text on a line of the log, which a command could begin.
func githubLine(text string) string {
	return inert(strings.ReplaceAll(OneLine(text), "::", ":\u200b:"))
}
