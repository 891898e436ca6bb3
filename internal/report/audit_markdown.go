package report

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the audit for the summary of a job.
func (a *Audit) Markdown(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n", markdown(a.summary()))
	for _, c := range a.sorted() {
		d := *c.Drift
		d.Target = c.title()
		fmt.Fprintln(&out)
		if err := d.Markdown(&out); err != nil {
			return err
		}
		fmt.Fprint(&out, "\n| database | read from |\n|---|---|\n")
		for _, r := range c.Readings {
			fmt.Fprintf(&out, "| %s | %s |\n", markdown(r.Database), markdown(r.By))
		}
	}
	if len(a.Failed) > 0 {
		fmt.Fprint(&out, "\n| could not be told | because |\n|---|---|\n")
	}
	for _, r := range a.Failed {
		fmt.Fprintf(&out, "| %s | %s |\n", markdown(r.Database), markdown(r.Problem))
	}
	for _, remark := range a.remarks() {
		fmt.Fprintf(&out, "\n%s\n", markdown(remark))
	}
	_, err := io.WriteString(w, out.String())
	return err
}
