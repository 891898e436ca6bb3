package report

import (
	"io"
	"strings"

	"github.com/fatih/color"
)

// Text writes the audit for people, in colours if they are wanted.
func (a *Audit) Text(w io.Writer, colours bool) error {
	t := text{colours: colours}
	t.line("%s", t.paint(a.summary(), color.Bold))
	for _, c := range a.sorted() {
		d := *c.Drift
		d.Target = c.title()
		var body strings.Builder
		if err := d.Text(&body, colours); err != nil {
			return err
		}
		t.line("\n%s", body.String())
		for _, r := range c.Readings {
			t.line("  %s  %s", OneLine(r.Database), OneLine(r.By))
		}
	}
	if len(a.Failed) > 0 {
		t.line("\n%s", t.paint("COULD NOT BE TOLD", color.FgRed, color.Bold))
	}
	for _, r := range a.Failed {
		t.line("  %s  %s", OneLine(r.Database), OneLine(r.Problem))
	}
	t.list("REMARKS", a.remarks())
	_, err := io.WriteString(w, t.out.String())
	return err
}
