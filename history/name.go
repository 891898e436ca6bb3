package history

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// A migration's name is a number and a title. Projects write them in several
// styles, all of which Read understands and NextPath goes on with:
//
//	005_add_units.sql                       plumb, Atlas, Supabase, goose, dbmate
//	0005_add_units.up.sql                   golang-migrate; its .down.sql is ignored
//	V5__add_units.sql, V5.1__add_units.sql  Flyway; its U5__… is ignored
//	20240101120000_add_units/migration.sql  Prisma
//	20240101120000_add_units/up.sql         Diesel, Hasura; its down.sql is ignored
type style struct{ prefix, sep, suffix string }

type name struct {
	number Number
	title  string
	style  style
}

var (
	plainName  = regexp.MustCompile(`^()(\d+(?:\.\d+)*)(?:([_\-. ]+)(.*))?$`)
	flywayName = regexp.MustCompile(`^([Vv])(\d+(?:[._]\d+)*)(?:(__)(.*))?$`)
	undoName   = regexp.MustCompile(`^U\d+(?:[._]\d+)*__.*\.sql$|\.down\.sql$`)

	// suffixes end a migration's name, the longer ones first.
	suffixes = []string{"/migration.sql", "/up.sql", ".up.sql", ".sql"}
)

// parseName reads a name like 005_add_units.sql. Only ASCII digits count.
func parseName(s string) (name, bool) {
	for _, suffix := range suffixes {
		stem, ok := cutSuffixFold(s, suffix)
		if !ok {
			continue
		}
		m := plainName.FindStringSubmatch(stem)
		if m == nil {
			m = flywayName.FindStringSubmatch(stem)
		}
		if m == nil {
			return name{}, false
		}
		return name{Number(m[2]), m[4], style{m[1], m[3], suffix}}, true
	}
	return name{}, false
}

// write is the name of a migration in this style.
func (s style) write(n Number, title string) string {
	sep := s.sep
	if sep == "" {
		sep = "_"
		if s.prefix != "" {
			sep = "__"
		}
	}
	return s.prefix + string(n) + sep + title + s.suffix
}

// isSQL reports whether a folder's entry may be a migration. Hidden files,
// editors' backups, and files that undo another are none.
func isSQL(entry string) bool {
	_, ok := cutSuffixFold(entry, ".sql")
	return ok && !isHidden(entry) && !undoName.MatchString(entry)
}

func isHidden(entry string) bool {
	return strings.HasPrefix(entry, ".") || strings.HasPrefix(entry, "#")
}

func isRepeatable(entry string) bool { return strings.HasPrefix(entry, "R__") }

func cutSuffixFold(s, suffix string) (string, bool) {
	n := len(s) - len(suffix)
	if n < 0 || !strings.EqualFold(s[n:], suffix) {
		return s, false
	}
	return s[:n], true
}

// slug turns a title into what a file name can carry: lower-case letters and
// digits, the rest as single underscores.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "_")
}

// quote returns a path as a message shows it: as it is, or quoted where it
// holds anything odd.
func quote(path string) string {
	if q := strconv.Quote(path); q != `"`+path+`"` || strings.ContainsAny(path, " :") {
		return q
	}
	return path
}
