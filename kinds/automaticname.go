package kinds

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/tvl-platform/plumb/schema"
)

// automaticName is SQL for the name that the server gives to what a partition c
// has because its parent has it: the names of the table and of the columns of an
// index, the longer one cut, between letters, until all fits into 63 bytes with
// the label behind, and a number where the name was taken. What has a number (of
// two digits at most) as its name would get it again if all names before that
// are still taken. A primary key's name has no columns.
func automaticName(index, name, label string) string {
	return strings.NewReplacer(
		"WORDS", indexWords(index), "NAME", name,
		"BASE", label,
		"MADE", madeName("l.label"),
	).Replace(strings.ReplaceAll(`(SELECT quote_ident(m.name)
        FROM (SELECT CASE WHEN BASE <> 'pkey' THEN WORDS END AS columns,
                     substring(NAME::text FROM BASE || '([1-9][0-9]?)$')::int AS number) n
        CROSS JOIN unnest(ARRAY[BASE || n.number, BASE], ARRAY[true, false]) l(label, numbered)
        CROSS JOIN LATERAL (SELECT MADE AS name) m
        WHERE NOT l.numbered OR CASE WHEN m.name = NAME THEN (SELECT bool_and(EXISTS (SELECT FROM pg_catalog.pg_class b WHERE b.relnamespace = c.relnamespace AND b.relname = BEFORE)) FROM generate_series(0, n.number - 1) g) END
        ORDER BY l.numbered DESC LIMIT 1)`, "BEFORE", madeName("(BASE || coalesce(nullif(g, 0)::text, ''))")))
}

// madeName is SQL for a name made of those of the table c and the columns n, and
// a label.
func madeName(label string) string {
	clip := func(text, bytes string) string {
		return `(SELECT left(` + text + `, max(i)) FROM generate_series(0, 63) i WHERE octet_length(left(` + text + `, i)) <= ` + bytes + `)`
	}
	room := `(62 - length(` + label + `) - CASE WHEN n.columns IS NULL THEN 0 ELSE 1 END)`
	return strings.NewReplacer("ROOM", room).Replace(
		clip("c.relname::text", "CASE WHEN n.columns IS NULL THEN ROOM ELSE greatest((ROOM + 1) / 2, ROOM - octet_length(n.columns)) END") +
			` || coalesce('_' || ` + clip("n.columns", "greatest(ROOM / 2, ROOM - octet_length(c.relname::text))") + `, '') || '_' || ` + label)
}

// indexWords is SQL for the names of an index's columns, which are those that
// the table's had when it was made.
func indexWords(index string) string {
	return `(SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = ` + index + `)`
}

// newIndexWords is SQL for the names that the columns would have in a new index,
// but NULL if they have them. A name that is there already gets a number.
func newIndexWords(index string) string {
	return `(SELECT nullif(string_agg(w.is, '_' ORDER BY w.attnum), string_agg(w.attname, '_' ORDER BY w.attnum))
        FROM (SELECT a.attnum, a.attname, CASE WHEN f.attname IS NULL OR starts_with(a.attname, f.attname) AND substr(a.attname, length(f.attname) + 1) ~ '^[0-9]*$' THEN a.attname
                     ELSE f.attname || coalesce(nullif(row_number() OVER (PARTITION BY f.attnum ORDER BY a.attnum) - 1, 0)::text, '') END AS is
              FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_index ax ON ax.indexrelid = a.attrelid
              LEFT JOIN pg_catalog.pg_attribute f ON f.attrelid = ax.indrelid AND f.attnum = ax.indkey[a.attnum - 1] AND f.attnum > 0
              WHERE a.attrelid = ` + index + `) w)`
}

// automatic is the name that the server gives to what a partition has because
// its parent has it: of the words of that one's index, where it is there.
func automatic(b schema.Built) string {
	if b.Has("cloned") && b.Joins {
		return b.Get("cloned")
	}
	words := or(b.Get("new_words"), b.Get("words"))
	if b.Of != nil {
		words = b.Of.Get("words")
	}
	if words == b.Get("words") {
		return b.Get("automatic")
	}
	label, table, _ := strings.Cut(b.Get("made_of"), " ")
	return quoted(made(table, words, label))
}

// made is madeName for a server whose letters have as many bytes as in UTF-8.
func made(table, columns, label string) string {
	room := 61 - len(label)
	t, c := len(table), len(columns)
	for t+c > room {
		if t > c {
			t--
		} else {
			c--
		}
	}
	return clip(table, t) + "_" + clip(columns, c) + "_" + label
}

// clip cuts a text, between letters, to so many bytes.
func clip(s string, bytes int) string {
	for bytes < len(s) && !utf8.RuneStart(s[bytes]) {
		bytes--
	}
	return s[:bytes]
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// quoted is a name that is no keyword as quote_ident prints it.
func quoted(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
