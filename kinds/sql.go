package kinds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// list makes a list of one formatted statement.
func list(format string, args ...any) []string {
	if len(args) == 0 {
		return []string{format}
	}
	return []string{fmt.Sprintf(format, args...)}
}

// rename makes a Rename for what ALTER noun moves to another schema, and gives
// another name, which is the attribute attr.
func rename(noun, attr string) func(old, new *schema.Object) []string {
	return func(old, new *schema.Object) []string {
		var out []string
		ref := or(old.Get("signature"), old.ID.Name)
		if is := new.Get("schema"); is != old.Get("schema") {
			out = list("ALTER %s %s SET SCHEMA %s", noun, ref, is)
			ref = is + strings.TrimPrefix(ref, old.Get("schema"))
		}
		if is := new.Get(attr); is != old.Get(attr) {
			out = append(out, fmt.Sprintf("ALTER %s %s RENAME TO %s", noun, ref, is))
		}
		return out
	}
}

// literal quotes text as an SQL string.
func literal(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return " E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// do writes a block of PL/pgSQL, between quotes that it does not hold.
func do(body string) string {
	tag := "$guard$"
	for strings.Contains(body, tag) {
		tag = tag[:len(tag)-1] + "_$"
	}
	return "DO " + tag + body + tag
}

// lines splits a list that a query joined with newlines.
func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// optionChanges turns lists of name=value lines into the arguments of SET (…)
// and RESET (…), each empty if there is nothing to set or reset.
func optionChanges(old, new string) (set, reset string) {
	pairs, names := optionPairs(old, new)
	var sets []string
	for _, p := range pairs {
		sets = append(sets, option(p[0]+"="+p[1]))
	}
	return strings.Join(sets, ", "), strings.Join(names, ", ")
}

// option writes one name=value line as SQL does: name='value'.
func option(line string) string {
	name, value, _ := strings.Cut(line, "=")
	return name + "=" + strings.TrimSpace(literal(value))
}

// options writes name=value lines as the list in WITH (…).
func options(text string) string {
	var out []string
	for _, o := range lines(text) {
		out = append(out, option(o))
	}
	return strings.Join(out, ", ")
}

// alterOptions makes an Alter for an attribute that holds name=value lines:
// "ALTER TABLE t SET (…)" and "ALTER TABLE t RESET (…)".
func alterOptions(verb, attr string) func(old, new *schema.Object) []string {
	return func(old, new *schema.Object) []string {
		return setOptions(verb+" "+new.ID.Name, old.Get(attr), new.Get(attr))
	}
}

// setOptions writes the statements that turn one list of options into another.
func setOptions(alter, old, new string) []string {
	set, reset := optionChanges(old, new)
	out := []string{}
	if set != "" {
		out = append(out, fmt.Sprintf("%s SET (%s)", alter, set))
	}
	if reset != "" {
		out = append(out, fmt.Sprintf("%s RESET (%s)", alter, reset))
	}
	return out
}

// optionPairs compares two lists of name=value lines: what to set, and the
// names to reset.
func optionPairs(old, new string) (set [][2]string, reset []string) {
	was, is := lines(old), lines(new)
	for _, o := range is {
		if !slices.Contains(was, o) {
			name, value, _ := strings.Cut(o, "=")
			set = append(set, [2]string{name, value})
		}
	}
	for _, o := range was {
		name, _, _ := strings.Cut(o, "=")
		if !slices.ContainsFunc(is, func(s string) bool { return strings.HasPrefix(s, name+"=") }) {
			reset = append(reset, name)
		}
	}
	return set, reset
}

// deparsedOptions is an SQL expression for the words " WITH (…)" that the server
// prints for the storage parameters of an index (flatten_reloptions in
// ruleutils.c), so that they can be taken out of its definition.
func deparsedOptions(column string) string {
	return `coalesce(' WITH (' || (SELECT string_agg(quote_ident(split_part(o, '=', 1)) || '=' ||
           CASE WHEN quote_ident(substr(o, strpos(o, '=') + 1)) = substr(o, strpos(o, '=') + 1) THEN substr(o, strpos(o, '=') + 1)
                ELSE quote_literal(substr(o, strpos(o, '=') + 1)) END, ', ') FROM unnest(` + column + `) o) || ')', '')`
}
