package report

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the audit for the summary of a job.
func (a *Audit) Markdown(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "**%s**\n", markdownCell(a.summary()))
	for _, c := range a.sorted() {
		d := *c.Drift
		d.Target = c.title()
		var body strings.Builder
		if err := d.Text(&body, false); err != nil {
			return err
		}
		fmt.Fprintf(&out, "\n%s\n", strings.TrimRight("    "+strings.ReplaceAll(body.String(), "\n", "\n    "), " \n"))
		fmt.Fprint(&out, "\n| database | read from |\n|---|---|\n")
		for _, r := range c.Readings {
			fmt.Fprintf(&out, "| %s | %s |\n", markdownCell(r.Database), markdownCell(r.By))
		}
	}
	if len(a.Failed) > 0 {
		fmt.Fprint(&out, "\n| could not be told | because |\n|---|---|\n")
	}
	for _, r := range a.Failed {
		fmt.Fprintf(&out, "| %s | %s |\n", markdownCell(r.Database), markdownCell(r.Problem))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

var markdownSigns = strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", "&", "&amp;", "[", `\[`, "@", "&#64;")

// markdownCell makes text safe for a cell of a table.
func markdownCell(s string) string { return markdownSigns.Replace(OneLine(s)) }
