package kinds

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// alterColumnType changes type and collation. A generated column that becomes a
// plain one does so first: its values are not converted while it is generated.
func alterColumnType(old, new *schema.Object) []string {
	if old.Is("inherited") && new.Is("inherited") && !convertsForeign(old, new) {
		return append([]string{}, afterType(old, new)...) // the parent's change does the rest
	}
	what := "TYPE " + columnType(new)
	if new.Get("relation") == "TABLE" && !new.Has("generated") {
		if unlike(under(old), under(new)) {
			return nil
		}
		what += using(old, new)
	}
	return slices.Concat(alterGeneratedToPlain(old, new), alterColumn(new, what), afterType(old, new))
}

// convertsForeign reports whether the parent's values are converted as the type of a
// foreign table's column changes, which the server refuses while that inherits.
func convertsForeign(old, new *schema.Object) bool {
	return new.Get("relation") == "FOREIGN TABLE" && new.Is("inherited") && old.Get("type") != new.Get("type") && !new.Has("generated") && using(old, new) != ""
}

// afterType gives a column again what it loses with its type: the server gives it
// the storage of the new one, and no compression (ATExecAlterColumnType in tablecmds.c).
func afterType(old, new *schema.Object) []string {
	var out []string
	if s := new.Get("storage"); s != "" && s == old.Get("storage") {
		out = alterStorage(old, new)
	}
	if c := new.Get("compression"); c != "" && c == old.Get("compression") {
		out = append(out, alterCompression(old, new)...)
	}
	return out
}

// rebindColumn carries a column from a type set aside to its successor by way
// of text, which every type can be read from. A generated column is made anew.
func rebindColumn(old, new *schema.Object) []string {
	column, to := new.Get("column"), new.Get("type")
	what := "TYPE " + columnType(new)
	switch {
	case new.Has("generated") || old.Has("generated"):
		return nil
	case old.Is("inherited") && new.Is("inherited"):
		return append([]string{}, afterType(old, new)...) // the parent's move does the rest
	case base(old) != base(new):
		return []string{} // its change of type does it
	case new.Get("relation") == "FOREIGN TABLE" || assigns(under(old), under(new)):
	case old.Has("composite") && old.Get("composite") == new.Get("composite"):
		return append(rebindRows(new, what), afterType(old, new)...)
	default:
		what = fmt.Sprintf("%s USING %s::text::%s", what, column, to)
	}
	return append(alterColumn(new, what), afterType(old, new)...)
}

// rebindRows carries a column of a composite type by way of JSON, which names
// the attributes; text has them by position, and they may have others now. An
// array is read as the attribute of a type made for that.
func rebindRows(o *schema.Object, what string) []string {
	column, to := o.Get("column"), o.Get("type")
	if o.Get("composite") == "one" {
		return alterColumn(o, fmt.Sprintf("%s USING json_populate_record(NULL::%s, to_json(%s))", what, to, column))
	}
	moving := fmt.Sprintf("pg_temp.moving_%d", o.Order)
	move := fmt.Sprintf("%s USING (json_populate_record(NULL::%s, json_build_object('v', %s))).v", what, moving, column)
	return []string{"CREATE TYPE " + moving + " AS (v " + to + ")", alterColumn(o, move)[0], "DROP TYPE " + moving}
}

// parkRows keeps a column of rows of a type, or of arrays of them, as JSON while
// the type is out of the way, or changes.
func parkRows(old, new *schema.Object) (away, back []string) {
	switch {
	case old.Get("relation") != "TABLE", old.Is("inherited"), new.Is("inherited"), new.Has("generated"),
		!old.Has("composite"), old.Get("composite") != new.Get("composite"):
		return nil, nil
	}
	for _, setting := range []string{"storage", "compression", "statistics", "options"} {
		if old.Get(setting) != new.Get(setting) {
			return nil, nil
		}
	}
	away = alterColumn(old, "TYPE json USING to_json("+old.Get("column")+")")
	return away, append(rebindRows(new, "TYPE "+columnType(new)), afterColumn(new)...)
}

// base is the type without its length or precision.
func base(o *schema.Object) string { return or(o.Get("base"), o.Get("type")) }

// under is the type whose casts are those of a column: of a domain, the one under it.
func under(o *schema.Object) string { return or(o.Get("over"), base(o)) }

// using writes how a column is converted from its old type to its new one.
// Where the server assigns values of the one to the other it is left out, for an
// assignment refuses what is too long, which a cast cuts off.
func using(old, new *schema.Object) string {
	column, to := " USING "+new.Get("column"), new.Get("type")
	switch is, was := under(new), under(old); {
	case is == `"char"` && contains(texts, was):
		return fitting(new, "octet_length(%s) <= 1", column+"::"+to)
	case is == `"char"` && was != is && was != "integer":
		return fitting(new, "octet_length(%s::text) <= 1", column+"::text::"+to)
	case is == "bit" && (was == "integer" || was == "bigint"):
		return fitting(new, "%s::"+to+"::"+was+" = %[1]s", column+"::"+to)
	case was == "money" && contains(numbers, is) && is != "numeric", is == "money" && (was == "smallint" || was == "real" || was == "double precision"):
		return column + "::numeric::" + to
	case longerBits(old, new):
		return column + "::" + to
	case base(old) == base(new) || assigns(was, is) || added(old, new, "assigned to "):
		return ""
	case was == is || added(old, new, "cast to ") || converts(was, is):
		return column + "::" + to
	case is == "bit" || is == "bit varying":
		return column + "::text::bit varying" // which is assigned, and so not cut off
	case contains(numbers, was) && contains(times, is):
		// As text some numbers can be read as a time, but none need to mean
		// that: seconds, milliseconds or 20200101. Rows are left to a person.
		return fmt.Sprintf(" USING (%s || ' is a number, not a time')::%s", new.Get("column"), to)
	case contains(texts, was):
		return column + "::" + to
	case isArray(is) && !isArray(was):
		return fmt.Sprintf(" USING CASE WHEN %s IS NOT NULL THEN ARRAY[%[1]s::text]::%s END", new.Get("column"), to)
	case isArray(was) && !isArray(is):
		return onlyElement(new)
	}
	return column + "::text::" + to
}

// fitting writes a conversion that would cut off what does not fit, so that it
// fails there: no number has that text.
func fitting(o *schema.Object, fits, using string) string {
	column, to := o.Get("column"), o.Get("type")
	return fmt.Sprintf(" USING CASE WHEN %s THEN %s ELSE (%s || %s)::integer::%s END",
		fmt.Sprintf(fits, column), strings.TrimPrefix(using, " USING "), column, literal(" does not fit in "+to), to)
}

func isArray(t string) bool { return strings.HasSuffix(t, "[]") }

// onlyElement writes the conversion of arrays of one element to that, which fails
// on others: no number has that text.
func onlyElement(o *schema.Object) string {
	column, to := o.Get("column"), o.Get("type")
	return fmt.Sprintf(" USING CASE WHEN array_ndims(%[1]s) = 1 AND cardinality(%[1]s) = 1 THEN %[1]s[array_lower(%[1]s, 1)]::text::%[2]s ELSE (%[1]s::text || %[3]s)::integer::text::%[2]s END",
		column, to, literal(" is not one value"))
}

// unlike reports whether no value of a type can be one of another, as no number
// is a UUID: then the column is made anew.
func unlike(from, to string) bool {
	if to == "uuid" {
		from, to = to, from
	}
	return from == "uuid" && (to == "boolean" || to == "money" || to != "numeric" && contains(numbers, to) || contains(times, to))
}

// added reports whether there is a cast that is not built in, such as that of an
// extension, which goes only after the change. One that goes by itself may be gone.
func added(old, new *schema.Object, how string) bool {
	casts := lines(old.Get("casts"))
	stays := contains(lines(new.Get("casts")), "from "+under(old))
	return contains(casts, how+under(new)) || stays && contains(casts, "own "+how+under(new))
}

// The built-in types in groups: what is in a group is assigned from one type
// to the other (pg_cast), and everything to texts.
var (
	texts    = []string{"text", "character varying", "character", "name"}
	numbers  = []string{"smallint", "integer", "bigint", "numeric", "real", "double precision"}
	moments  = []string{"date", "timestamp without time zone", "timestamp with time zone"}
	times    = append([]string{"time without time zone", "time with time zone", "interval"}, moments...)
	assigned = [][]string{
		numbers, moments, {"json", "jsonb"}, {"inet", "cidr"}, {"macaddr", "macaddr8"}, {"bit", "bit varying"}, {"numeric", "money"},
		{"oid", "integer"}, {"oid", "bigint"}, {"path", "polygon"}, {"time without time zone", "time with time zone"}, {"time without time zone", "interval"},
	}
	assignedOneWay = [][2]string{
		{"integer", "money"}, {"bigint", "money"}, {"smallint", "oid"}, {"timestamp without time zone", "time without time zone"},
		{"timestamp with time zone", "time without time zone"}, {"timestamp with time zone", "time with time zone"},
		{"box", "polygon"}, {"point", "box"},
	}
	// What names an object of the catalog is its number.
	ids   = []string{"oid", "integer", "bigint"}
	named = []string{
		"regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc", "regprocedure", "regrole", "regtype",
	}
	// What is cast, but not assigned.
	cast       = [][]string{{"bit", "integer"}, {"bit", "bigint"}, {"integer", "boolean"}, {`"char"`, "integer"}, {"circle", "polygon"}}
	castOneWay = [][2]string{
		{"box", "circle"}, {"box", "point"}, {"circle", "box"}, {"circle", "point"}, {"lseg", "point"}, {"polygon", "box"}, {"polygon", "point"},
		{"int4range", "int4multirange"}, {"int8range", "int8multirange"}, {"numrange", "nummultirange"},
		{"daterange", "datemultirange"}, {"tsrange", "tsmultirange"}, {"tstzrange", "tstzmultirange"},
	}
)

// assigns reports whether the server assigns values of a type to another one:
// arrays as their elements.
func assigns(from, to string) bool {
	if of, ok := strings.CutSuffix(from, "[]"); ok {
		if t, ok := strings.CutSuffix(to, "[]"); ok {
			return assigns(of, t)
		}
	}
	if from == to {
		return !strings.Contains(to, ".") // of a type that is not built in there may be two, old and new
	}
	if contains(named, from) && contains(ids, to) || contains(ids, from) && contains(named, to) {
		return true
	}
	return contains(texts, to) || together(assigned, from, to) || slices.Contains(assignedOneWay, [2]string{from, to})
}

// converts reports whether the server casts values of a built-in type to another
// one that it does not assign them to.
func converts(from, to string) bool {
	return together(cast, from, to) || slices.Contains(castOneWay, [2]string{from, to})
}

// together reports whether two types are in one group.
func together(groups [][]string, a, b string) bool {
	return slices.ContainsFunc(groups, func(g []string) bool { return contains(g, a) && contains(g, b) })
}

// longerBits reports whether bit strings get longer, which are filled up by a
// cast, while an assignment refuses any other length.
func longerBits(old, new *schema.Object) bool {
	was, ok := bits(old)
	is, also := bits(new)
	return ok && also && is > was
}

// bits is the length of the type bit(n).
func bits(o *schema.Object) (int, bool) {
	n, ok := strings.CutPrefix(o.Get("type"), "bit(")
	if !ok {
		return 0, false
	}
	length, err := strconv.Atoi(strings.TrimSuffix(n, ")"))
	return length, err == nil
}
