package report

import (
	"fmt"
	"io"
	"strings"
)

// Explain tells one finding in full, for people.
func (f Finding) Explain(w io.Writer) error {
	t := text{}
	t.line("%s  %s", f.ID, f.Title())
	t.line("severity  %s (%s)", f.Severity(), f.Group)
	if f.Parts > 0 {
		t.line("parts     %d of its parts are %s with it", f.Parts, f.What)
	}
	for _, a := range f.Attrs {
		t.line("\n%s", a.Name)
		if f.What != Extra {
			t.side("expected", a.Expected)
		}
		if f.What != Missing {
			t.side("actual", a.Actual)
		}
	}
	t.line("")
	t.origin(f)
	t.line("likely    %s", f.likely())
	t.sql("to put the database back (plumb drift --fix revert)", f.Revert)
	t.sql("to have a migration make it so (plumb drift --fix adopt)", f.Adopt)
	t.line("\nto accept it for a while, a line in %s:\n  %s | YYYY-MM-DD | who answers for it | why", AcceptFile, f.ID)
	_, err := io.WriteString(w, t.out.String())
	return err
}

// side writes a value in full, line by line.
func (t *text) side(name, value string) {
	if value == "" {
		value = "(none)"
	}
	for i, l := range strings.Split(value, "\n") {
		if i > 0 {
			name = ""
		}
		t.line("  %-8s  %s", name, OneLine(l))
	}
}

func (t *text) origin(f Finding) {
	if f.Made.File == "" || f.What == Extra {
		t.line("made by   no migration")
		return
	}
	t.line("made by   %s  %s", OneLine(f.Made.short()), Shorten(f.Made.Statement))
	if f.Changed != f.Made {
		t.line("changed   %s  %s", OneLine(f.Changed.short()), Shorten(f.Changed.Statement))
	}
}

// likely is what usually brings such a finding about.
func (f Finding) likely() string {
	switch {
	case f.What == Extra:
		return "somebody made it by hand, or with a migration that this folder does not have"
	case f.What == Missing:
		return "somebody dropped it by hand, or the migration that makes it was never run to its end there"
	case f.Made != f.Changed:
		return fmt.Sprintf("somebody changed it by hand, or %s was not run there", OneLine(f.Changed.short()))
	}
	return "somebody changed it by hand"
}

func (t *text) sql(title string, statements []string) {
	if len(statements) == 0 {
		return
	}
	t.line("\n%s:", title)
	for _, s := range statements {
		for _, l := range strings.Split(s+";", "\n") {
			t.line("  %s", OneLine(l))
		}
	}
}
