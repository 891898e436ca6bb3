package kinds

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// sequenceColumns reads the options of a sequence s. A bound that the type and
// the direction give by themselves is not printed, so that it follows the
// type; low and high are the bounds as they are.
const sequenceColumns = `
       s.seqincrement AS increment,
       CASE WHEN s.seqmin <> CASE WHEN s.seqincrement > 0 THEN 1 ELSE CASE s.seqtypid WHEN 21 THEN -32768 WHEN 23 THEN -2147483648 ELSE -9223372036854775808 END END THEN s.seqmin END AS min,
       CASE WHEN s.seqmax <> CASE WHEN s.seqincrement < 0 THEN -1 ELSE CASE s.seqtypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END END THEN s.seqmax END AS max,
       s.seqstart AS start, s.seqmin AS low, s.seqmax AS high, s.seqcache AS cache, s.seqcycle AS cycle`

// sequenceAttrs are the attributes of sequenceColumns; a is the Alter of all.
func sequenceAttrs(a func(old, new *schema.Object) []string) []schema.Attr {
	return []schema.Attr{
		{Name: "increment", Alter: a},
		{Name: "min", Alter: a},
		{Name: "max", Alter: a},
		{Name: "start", Alter: a},
		{Name: "low", Fact: true},
		{Name: "high", Fact: true},
		{Name: "cache", Alter: a},
		{Name: "cycle", Alter: a},
	}
}

// sequences are those that no identity column owns; serial columns are an
// integer column, a sequence, a default and a sequence owner.
var sequences = &schema.Kind{
	Name:    "sequence",
	Noun:    "SEQUENCE",
	Implies: impliedPrivileges("SEQUENCES", grantOn("SEQUENCE")),
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(c.relname) AS relname,
       CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' END AS persistence, -- 15+
       CASE WHEN s.seqtypid <> 20 THEN format_type(s.seqtypid, NULL) END AS type,` + sequenceColumns + `
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't' AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'i')`,
	Attrs: append([]schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "relname", Fact: true},
		{Name: "persistence", Alter: func(_, new *schema.Object) []string {
			return list("ALTER SEQUENCE %s SET %s", new.ID.Name, or(new.Get("persistence"), "LOGGED"))
		}, Known: knownPersistence},
		{Name: "type", Alter: alterSequence},
	}, sequenceAttrs(alterSequence)...),
	Owned:  true,
	Create: func(b schema.Built) []string { return list("%s", createSequence(b.Object, b.Get("relname"))) },
	Adopt:  adoptIdentity,
	Rename: rename("SEQUENCE", "relname"),
	Sought: true,
	// It has no row type, but CREATE SEQUENCE wants the name of one to be free.
	Names: rowName,
}

func createSequence(o *schema.Object, relname string) string {
	text := "CREATE SEQUENCE "
	if p := o.Get("persistence"); p != "" {
		text = "CREATE " + p + " SEQUENCE "
	}
	text += o.Get("schema") + "." + relname
	if t := o.Get("type"); t != "" {
		text += " AS " + t
	}
	return strings.TrimRight(text+" "+strings.Join(sequenceOptions(o), " "), " ")
}

// knownPersistence is a sequence's persistence on a server of a major: before
// PostgreSQL 15 it has none.
func knownPersistence(text string, major int) string {
	if major < 15 {
		return ""
	}
	return text
}

// adoptIdentity makes a sequence of that of an identity column, which becomes a
// serial one, and has it go on from there.
func adoptIdentity(old, new *schema.Object) []string {
	aside := sequenceAside(new.Get("relname"))
	if old.ID.Kind != "identity" || old.Get("sequence") != new.ID.Name || aside == "" {
		return nil
	}
	full := new.Get("schema") + "." + aside
	return []string{
		createSequence(new, aside),
		carryPosition(old.Get("sequence"), full, new),
		alterIdentity(old, "DROP IDENTITY")[0],
		fmt.Sprintf("ALTER SEQUENCE %s RENAME TO %s", full, new.Get("relname")),
	}
}

// sequenceOptions writes the options that differ from what CREATE SEQUENCE
// takes by itself.
func sequenceOptions(o *schema.Object) []string {
	first := o.Get("low")
	if descends(o) {
		first = o.Get("high")
	}
	var out []string
	for _, c := range []struct{ attr, clause, without string }{
		{"increment", "INCREMENT BY", "1"}, {"min", "MINVALUE", ""}, {"max", "MAXVALUE", ""},
		{"start", "START WITH", first}, {"cache", "CACHE", "1"},
	} {
		if v := o.Get(c.attr); v != c.without {
			out = append(out, c.clause+" "+v)
		}
	}
	if o.Is("cycle") {
		out = append(out, "CYCLE")
	}
	return out
}

func descends(o *schema.Object) bool { return strings.HasPrefix(o.Get("increment"), "-") }

func alterSequence(old, new *schema.Object) []string {
	return alterSequenceNamed(new.ID.Name, "bigint", old, new)
}

// alterSequenceNamed changes the options of a sequence, and with them its
// value where it would be out of bounds: a value that the new range has not
// reached moves to its first, one behind it to its last, so that it is used up;
// if the old and the new range have nothing in common, it starts anew.
func alterSequenceNamed(name, usual string, old, new *schema.Object) []string {
	var clauses []string
	changed := func(attr string) bool { return old.Get(attr) != new.Get(attr) }
	// ALTER SEQUENCE AS resets bounds that are the old type's own, and where the
	// direction changes too takes NO MINVALUE for the type's.
	turns := descends(old) != descends(new)
	all := changed("type") || turns
	noMin, noMax := "NO MINVALUE", "NO MAXVALUE"
	if changed("type") && turns {
		noMin, noMax = "MINVALUE "+new.Get("low"), "MAXVALUE "+new.Get("high")
	}
	add := func(attr, clause, none string) {
		switch v := new.Get(attr); {
		case v != "":
			clauses = append(clauses, clause+" "+v)
		case none != "":
			clauses = append(clauses, none)
		}
	}
	if changed("type") {
		clauses = append(clauses, "AS "+or(new.Get("type"), usual))
	}
	if changed("increment") {
		add("increment", "INCREMENT BY", "")
	}
	if changed("min") || all {
		add("min", "MINVALUE", noMin)
	}
	if changed("max") || all {
		add("max", "MAXVALUE", noMax)
	}
	if changed("start") {
		add("start", "START WITH", "")
	}
	if changed("cache") {
		add("cache", "CACHE", "")
	}
	switch {
	case changed("cycle") && new.Is("cycle"):
		clauses = append(clauses, "CYCLE")
	case changed("cycle"):
		clauses = append(clauses, "NO CYCLE")
	}
	alter := "ALTER SEQUENCE " + name + " " + strings.Join(clauses, " ")
	switch {
	case number(new, "low") > number(old, "high") || number(new, "high") < number(old, "low"):
		return list("%s RESTART", alter)
	case all || changed("min") || changed("max"):
		return append(moveInto(name, old, new), alter)
	}
	return list("%s", alter) // other bounds than before came with the column's type
}

// moveInto moves a sequence that is out of its new bounds to the bound.
func moveInto(name string, old, new *schema.Object) []string {
	var out []string
	move := func(bound, beyond string, used bool) {
		out = append(out, fmt.Sprintf("SELECT pg_catalog.setval(%s, %s, %t) FROM %s WHERE last_value %s %[2]s", strings.TrimSpace(literal(name)), bound, used, name, beyond))
	}
	if number(new, "low") > number(old, "low") {
		move(new.Get("low"), "<", descends(new))
	}
	if number(new, "high") < number(old, "high") {
		move(new.Get("high"), ">", !descends(new))
	}
	return out
}

// carryPosition has a sequence go on where one that goes is.
func carryPosition(from, name string, to *schema.Object) string {
	return fmt.Sprintf("SELECT pg_catalog.setval(%s, last_value, is_called) FROM %s WHERE last_value BETWEEN %s AND %s",
		strings.TrimSpace(literal(name)), from, to.Get("low"), to.Get("high"))
}

// sequenceAside is the name that a sequence bears while one takes the place of
// another; "" if it would be too long.
func sequenceAside(relname string) string {
	if len(relname) > 50 {
		return ""
	}
	if quoted, ok := strings.CutSuffix(relname, `"`); ok {
		return quoted + `__replaced"`
	}
	return relname + "__replaced"
}

func number(o *schema.Object, attr string) int64 {
	n, _ := strconv.ParseInt(o.Get(attr), 10, 64)
	return n
}
