// Package report writes what plumb found, one file per format.
package report

import (
	"strings"
	"unicode"

	"github.com/tvl-platform/plumb/diff"
)

// SQL writes a plan as a script for psql, and nothing for an empty plan.
// What a person should know of a step stands above it in comments.
func SQL(plan *diff.Plan) string {
	if plan.Empty() {
		return ""
	}
	var out strings.Builder
	for _, set := range plan.Settings {
		out.WriteString("SET " + set + ";\n")
	}
	if len(plan.Settings) > 0 {
		out.WriteString("\n")
	}
	for _, s := range plan.Steps {
		out.WriteString(Marks(s))
		for _, sql := range s.SQL {
			out.WriteString(sql + ";\n")
		}
	}
	return out.String()
}

// Marks are the comments that stand above a step: what it loses, and what it
// takes for granted.
func Marks(s diff.Step) string {
	var out strings.Builder
	for _, id := range s.Loses {
		out.WriteString("-- loses the rows of " + OneLine(id.String()) + "\n")
	}
	if s.Guess != "" {
		out.WriteString("-- " + OneLine(s.Guess) + "\n")
	}
	return out.String()
}

// OneLine makes text from a database safe for a comment or a line of a report:
// nothing in it can end the line or move a cursor.
func OneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

// Shorten is the beginning of a statement on one line, for people.
func Shorten(sql string) string {
	const most = 80
	line := []rune(OneLine(strings.Join(strings.Fields(sql), " ")))
	if len(line) > most {
		return string(line[:most-1]) + "…"
	}
	return string(line)
}
