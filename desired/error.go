package desired

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/history"
)

// A StatementError is what the server said of a statement that it refused, and
// where the statement stands.
type StatementError struct {
	Verb      string // what was being done; "" for replay
	Path      string
	Statement history.Statement
	Server    *pgconn.PgError

	roles   []string // all roles that the file was found to miss
	without []string // the extensions that were left out before
}

// Line and column of the place that the server points at, or of the statement.
func (e *StatementError) position() (line, column int) {
	return e.Statement.Position(int(e.Server.Position))
}

// Error names the place, the reason, and shows the statement with a caret.
func (e *StatementError) Error() string {
	line, column := e.position()
	var s strings.Builder
	fmt.Fprintf(&s, "cannot %s %s:%d:%d: %s (%s)", cmp.Or(e.Verb, "replay"), e.Path, line, column, e.Server.Message, e.Server.Code)
	if hint := cmp.Or(remedies[e.Server.Code], e.missing()); hint != "" {
		s.WriteString("; " + hint)
	}
	s.WriteString("\n" + e.excerpt(line, column))
	for _, part := range []struct{ name, text string }{
		{"detail", e.Server.Detail},
		{"hint", e.Server.Hint},
		{"in", e.Server.InternalQuery},
		{"where", e.Server.Where},
	} {
		if part.text != "" {
			fmt.Fprintf(&s, "\n  %s: %s", part.name, strings.ReplaceAll(part.text, "\n", "\n    "))
		}
	}
	return printable(s.String())
}

func (e *StatementError) Unwrap() error { return e.Server }

// remedies say what to look at, by the server's code.
var remedies = map[string]string{
	"58P01": "install the extension beside the dev server, or leave it out of the migrations",
	"55P04": "a new label can be used once it is committed; -- atlas:txmode none at the top of the file commits each statement",
	"25001": "the file asks for a transaction; -- atlas:txmode none at its top runs it in none",
}

// missing says where what a replay misses may come from.
func (e *StatementError) missing() string {
	if unavailable.MatchString(e.Server.Message) {
		return "install it there, name a server that has it (--dev-url), or make what the migrations use of it yourself (--dev-init)"
	}
	if len(e.without) > 0 {
		return fmt.Sprintf("if that is for want of %s, name a server that has it (--dev-url), or install it there", strings.Join(e.without, ", "))
	}
	switch e.Server.Code {
	case "42P01", "42883", "42704", "3F000":
		if e.Verb == "" {
			return "is it created by a later migration, or by the platform (--dev-init)?"
		}
	}
	return ""
}

// excerptLines is how much of a statement is shown around the place.
const excerptLines = 4

// excerpt shows the statement with its line numbers, and a caret where the
// server points.
func (e *StatementError) excerpt(line, column int) string {
	var out []string
	lines := strings.Split(e.Statement.Text, "\n")
	skipped := false
	for i, text := range lines {
		n := e.Statement.Line + i
		if i > 0 && (n < line-excerptLines || n > line+excerptLines) {
			skipped = true
			continue
		}
		if skipped {
			out, skipped = append(out, "       | …"), false
		}
		shown := text
		if i == 0 {
			shown = strings.Repeat(" ", max(0, e.Statement.Column-1)) + text
		}
		out = append(out, strings.TrimRight(fmt.Sprintf("  %4d | %s", n, shown), " "))
		if n == line && e.Server.Position > 0 {
			out = append(out, "       | "+caret(shown, column))
		}
	}
	if skipped {
		out = append(out, "       | …")
	}
	return strings.Join(out, "\n")
}

// caret points at a column of a line, tabs counted as the terminal does.
func caret(line string, column int) string {
	var s strings.Builder
	for i, r := range []rune(line) {
		if i >= column-1 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		s.WriteRune(r)
	}
	return s.String() + "^"
}

// printable replaces what would move the cursor of a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '\uFFFD'
		}
		return r
	}, text)
}

var noRole = regexp.MustCompile(`^role "(.*)" does not exist$`)

// missingRole is the role whose absence an error reports, or "".
func missingRole(err *pgconn.PgError) string {
	if err.Code != "42704" && err.Code != "22023" {
		return ""
	}
	if m := noRole.FindStringSubmatch(err.Message); m != nil {
		return m[1]
	}
	return ""
}
