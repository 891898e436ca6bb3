// Package report writes what plumb found, one file per format.
package report

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// SQL writes a plan as a script for psql, and nothing for an empty plan.
// Statements that lose rows have a comment above them.
func SQL(plan *diff.Plan, kinds schema.Kinds) string {
	if plan.Empty() {
		return ""
	}
	var out strings.Builder
	if unchecked(plan) {
		out.WriteString(NoBodies + ";\n\n")
	}
	for _, s := range plan.Steps {
		for _, id := range s.Loses {
			out.WriteString("-- loses the rows of " + OneLine(id.String()) + "\n")
		}
		for _, sql := range s.SQL {
			out.WriteString(sql + ";\n")
		}
	}
	return out.String()
}

// NoBodies keeps the server from checking bodies of functions, which may name
// what is made later.
const NoBodies = "SET check_function_bodies = off"

// unchecked reports whether a plan makes something with a body, which the
// kinds say by the words of their statements alone, and does not see to it itself.
func unchecked(plan *diff.Plan) bool {
	routines := []string{"function", "procedure", "aggregate"}
	has := slices.ContainsFunc(plan.Steps, func(s diff.Step) bool {
		return s.Action != diff.Drop && slices.Contains(routines, s.ID.Kind)
	})
	return has && !slices.Contains(plan.Statements(), NoBodies)
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
