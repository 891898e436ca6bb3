package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/tvl-platform/plumb/schema"
)

// Text writes the report for people, in colours if they are wanted.
func (d *Drift) Text(w io.Writer, colours bool) error {
	t := text{colours: colours}
	verdict := t.paint("IN SYNC", color.FgGreen, color.Bold)
	if d.Drifted() {
		verdict = t.paint("DRIFTED", color.FgRed, color.Bold)
	}
	at := ""
	if d.Version != "" {
		at = "  at " + OneLine(d.Version)
	}
	if n := len(d.Pending); n > 0 {
		at += fmt.Sprintf(", %d pending", n)
	}
	t.line("%s (PostgreSQL %d)  %s%s", OneLine(d.Target), d.Major, verdict, at)
	for _, g := range Groups {
		t.group(g, d.Findings)
	}
	t.list("ACCEPTED (not drift)", d.accepted())
	t.list("REMARKS", d.Remarks)
	t.list("PENDING (not drift)", d.Pending)
	t.list("APPLIED, BUT IN NO FILE", d.Unknown)
	t.list("NOT EXAMINED", d.NotExamined)
	t.list("NOT VISIBLE", d.NotVisible)
	t.line("")
	t.line("hidden: %s", hiddenText(d.Hidden))
	if len(d.NotExamined) == 0 {
		t.line("not examined: none")
	}
	t.line("%d objects compared with %s", d.Compared, OneLine(d.Expected))
	_, err := io.WriteString(w, t.out.String())
	return err
}

// text is a report in the making.
type text struct {
	out     strings.Builder
	colours bool
}

func (t *text) line(format string, args ...any) {
	t.out.WriteString(inert(strings.TrimRight(fmt.Sprintf(format, args...), " ")) + "\n")
}

// inert is a line in which the log of a CI job finds no command: GitHub's begin a
// line, whatever is before them, and the older ones are found anywhere.
func inert(line string) string {
	if strings.HasPrefix(strings.TrimSpace(line), "::") {
		line = "|" + line
	}
	return strings.NewReplacer("##[", "## [", "##vso[", "## vso[").Replace(line)
}

func (t *text) paint(s string, attrs ...color.Attribute) string {
	if !t.colours {
		return s
	}
	c := color.New(attrs...)
	c.EnableColor()
	return c.Sprint(s)
}

var signs = map[Group]string{Changed: "~", Missing: "-", Extra: "+"}

var paints = map[Group]color.Attribute{Security: color.FgRed, Changed: color.FgYellow, Missing: color.FgMagenta, Extra: color.FgCyan}

func (t *text) group(g Group, findings []Finding) {
	first := true
	for _, f := range findings {
		if f.Group != g {
			continue
		}
		if first {
			t.line("\n%s", t.paint(strings.ToUpper(string(g)), paints[g], color.Bold))
			first = false
		}
		t.finding(f)
	}
}

// fewAttrs is how many attributes of a missing or extra object are worth showing.
const fewAttrs = 3

func (t *text) finding(f Finding) {
	sign := signs[f.What]
	if f.Group == Security {
		sign = "!"
	}
	rest := ""
	switch {
	case f.Group == Security && f.What != Changed:
		rest = "  " + string(f.What)
	case f.Parts > 0:
		rest = fmt.Sprintf("  and %d of its parts", f.Parts)
	}
	name := OneLine(schema.ID{Kind: f.Kind, Name: f.Name}.String())
	t.line("%s %s%s  %s", t.paint(sign, paints[f.Group]), name, rest, t.paint(f.ID, color.Faint))
	if f.What != Changed && f.Group != Security && (f.Parts > 0 || len(f.Attrs) > fewAttrs) {
		return // its name says more
	}
	for _, a := range f.Attrs {
		t.attr(f, a)
	}
	if f.Made.File != "" && f.What != Extra {
		t.line("    %s", t.paint("made by "+OneLine(f.Made.short()), color.Faint))
	}
}

// attr shows both sides of an attribute, or the lines that differ of a long one.
func (t *text) attr(f Finding, a Attr) {
	switch {
	case f.What == Changed && strings.Contains(a.Expected+a.Actual, "\n"):
		t.line("    %s", a.Name)
		for _, l := range changedLines(a.Expected, a.Actual) {
			t.line("      %s", l)
		}
	case f.What == Missing:
		t.whole(a.Name, a.Expected)
	case f.What == Extra:
		t.whole(a.Name, a.Actual)
	default:
		t.line("    %s", a.Name)
		t.line("      expected  %s", value(a.Expected))
		t.line("      actual    %s", value(a.Actual))
	}
}

// whole shows the only side of an attribute.
func (t *text) whole(name, text string) {
	const most = 20
	if !strings.Contains(text, "\n") {
		t.line("    %s  %s", name, value(text))
		return
	}
	t.line("    %s", name)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if i == most {
			t.line("      … %d more lines", len(lines)-most)
			return
		}
		t.line("      %s", OneLine(l))
	}
}

func value(s string) string {
	if s == "" {
		return "(none)"
	}
	return OneLine(strings.ReplaceAll(s, "\n", " ⏎ "))
}

// changedLines shows the lines in which two texts differ, what comes before
// and after them aside.
func changedLines(expected, actual string) []string {
	const most = 20
	a, b := strings.Split(expected, "\n"), strings.Split(actual, "\n")
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	var out []string
	add := func(sign string, lines []string) {
		for i, l := range lines {
			if i == most {
				out = append(out, fmt.Sprintf("%s … %d more lines", sign, len(lines)-most))
				return
			}
			out = append(out, sign+" "+OneLine(l))
		}
	}
	add("expected", a[start:len(a)-end])
	add("actual  ", b[start:len(b)-end])
	return out
}

func (t *text) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	t.line("\n%s", t.paint(title, color.Bold))
	for _, i := range items {
		t.line("  %s", OneLine(i))
	}
}
