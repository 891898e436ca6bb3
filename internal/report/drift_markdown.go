package report

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the report for a job's summary.
func (d *Drift) Markdown(w io.Writer) error {
	var out strings.Builder
	verdict := "in sync"
	if d.Drifted() {
		verdict = fmt.Sprintf("drifted: %d findings", len(d.Findings))
	}
	fmt.Fprintf(&out, "## %s: %s\n\n", markdown(d.Target), verdict)
	if len(d.Findings) > 0 {
		out.WriteString("| | severity | object | expected | actual | made by |\n|---|---|---|---|---|---|\n")
	}
	for _, f := range d.Findings {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", f.ID, f.Severity(), markdown(f.Object()), sides(f, true), sides(f, false), markdown(f.MadeAt()))
	}
	d.markdownList(&out, "Accepted", d.accepted())
	d.markdownList(&out, "Remarks", d.Remarks)
	d.markdownList(&out, "Pending, no drift", d.Pending)
	d.markdownList(&out, "Applied, but in no file", d.Unknown)
	d.markdownList(&out, "Not visible to this role", d.NotVisible)
	d.markdownList(&out, "Not examined", d.NotExamined)
	fmt.Fprintf(&out, "\n%d objects compared with %s; hidden: %s\n", d.Compared, markdown(d.Expected), markdown(hiddenText(d.Hidden)))
	_, err := io.WriteString(w, out.String())
	return err
}

func (d *Drift) markdownList(out *strings.Builder, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(out, "\n**%s**\n\n", title)
	for _, i := range items {
		fmt.Fprintf(out, "- %s\n", markdown(i))
	}
}

// accepted says of each accepted finding who answers for it, and until when.
func (d *Drift) accepted() []string {
	var out []string
	for _, f := range d.Accepted {
		a := f.Acceptance
		out = append(out, OneLine(fmt.Sprintf("%s %s  until %s, %s: %s", f.ID, f.Object(), a.Until.Format("2006-01-02"), a.Owner, a.Reason)))
	}
	return out
}

// sides writes the attributes of one side of a finding.
func sides(f Finding, expected bool) string {
	if f.What == Missing && !expected || f.What == Extra && expected {
		return "–"
	}
	var out []string
	for _, a := range f.Attrs {
		v := a.Actual
		if expected {
			v = a.Expected
		}
		out = append(out, markdown(a.Name+": "+value(v)))
	}
	if f.Parts > 0 {
		out = append(out, fmt.Sprintf("and %d of its parts", f.Parts))
	}
	return strings.Join(out, "<br>")
}

// markdown makes text from a database safe for a cell: nothing in it is markup.
func markdown(text string) string {
	var out strings.Builder
	for _, r := range OneLine(text) {
		switch {
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '&':
			out.WriteString("&amp;")
		case r == '@':
			out.WriteString("&#64;") // nobody is called
		case strings.ContainsRune("\\`*_{}[]()#+!|~", r):
			out.WriteString("\\" + string(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// MadeAt is where the object of a finding was made, "" for none.
func (f Finding) MadeAt() string {
	if f.What == Extra {
		return ""
	}
	return f.Made.short()
}

// short is the place as a report shows it, "" for none.
func (p Place) short() string {
	if p.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}
