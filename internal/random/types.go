package random

import (
	"fmt"
	"strings"
)

// A typ is the type of a column, with a value that it takes.
type typ struct {
	name, value string
	// text, integer: what can be made of its values.
	text, integer bool
}

var builtin = []typ{
	{"integer", "7", false, true},
	{"text", "'x'", true, false},
	{"bigint", "8", false, true},
	{"smallint", "1", false, true},
	{"varchar(20)", "'v'", true, false},
	{"varchar(40)", "'v'", true, false},
	{"char(3)", "'EUR'", true, false},
	{"numeric(12,2)", "1.5", false, false},
	{"numeric", "2.5", false, false},
	{"boolean", "true", false, false},
	{"date", "'2020-02-29'", false, false},
	{"timestamptz", "'2020-02-29 12:00+00'", false, false},
	{"timestamp(3)", "'2020-02-29 12:00'", false, false},
	{"time", "'12:00'", false, false},
	{"interval day to second", "'1 day'", false, false},
	{"uuid", "'00000000-0000-0000-0000-000000000001'", false, false},
	{"jsonb", `'{"a": 1}'`, false, false},
	{"bytea", `'abc'`, false, false},
	{"double precision", "0.1", false, false},
	{"inet", "'10.0.0.1'", false, false},
	{"bit varying(5)", "B'101'", false, false},
	{"int4range", "'[1,5)'", false, false},
	{"tsvector", "'a b'", false, false},
	{"name", "'n'", false, false},
	{`"char"`, "'c'", false, false},
}

// typ chooses a type, now and then one of the schema's own or an array.
func (d *draw) typ(choice string) typ {
	t := builtin[d.pick(choice, len(builtin))]
	if d.pick(choice+" source", 10) > 6 {
		if own := d.ref(choice+" own", "enum", "domain", "composite", "range", "base type", "extension"); own != nil {
			t = own.asType()
		}
	}
	if d.pick(choice+" source", 10) == 6 {
		if row := d.ref(choice+" row", "table", "composite", "view", "foreign table", "partitioned table", "matview"); row != nil {
			t = row.asType()
		}
	}
	if d.chance(10, choice+" array") {
		return typ{name: t.name + "[]", value: "'{}'"}
	}
	return t
}

// asType is a type of the schema's own, or the row type of a table.
func (d *draw) asType() typ {
	switch name := d.qualified(); d.e.Kind {
	case "enum":
		if labels := d.labels(); len(labels) > 0 && d.chance(50, "by label") {
			return typ{name: name, value: labels[0] + "::" + name}
		}
		return typ{name: name, value: "(enum_range(NULL::" + name + "))[1]"}
	case "domain":
		base := d.domainBase()
		return typ{name: name, value: base.value, text: base.text, integer: base.integer}
	case "range":
		return typ{name: name, value: "'empty'"}
	case "base type":
		return typ{name: name, value: "'5'"}
	case "extension":
		return typ{name: d.in() + "." + d.extension(), value: "''"}
	default:
		return typ{name: name, value: "NULL"}
	}
}

func newSchema(d *draw) []string { return []string{"CREATE SCHEMA " + d.name()} }

func newEnum(d *draw) []string {
	return []string{"CREATE TYPE " + d.qualified() + " AS ENUM (" + strings.Join(d.labels(), ", ") + ")"}
}

func (d *draw) labels() []string {
	var labels []string
	for i := range 1 + d.pick("labels", 5) {
		if !d.chance(15, fmt.Sprintf("l%d gone", i)) {
			labels = append(labels, literal(d.bare(fmt.Sprintf("l%d", i), fmt.Sprintf("l%d", i))))
		}
	}
	if d.chance(10, "turned") {
		for i, j := 0, len(labels)-1; i < j; i, j = i+1, j-1 {
			labels[i], labels[j] = labels[j], labels[i]
		}
	}
	return labels
}

// domainBase is what a domain is over, now and then a type of the schema's own.
func (d *draw) domainBase() typ {
	if own := d.ref("own base", "enum", "domain", "composite", "range"); own != nil && d.chance(30, "over own") {
		return own.asType()
	}
	return builtin[d.pick("base", 9)]
}

func newDomain(d *draw) []string {
	base := d.domainBase()
	collate := ""
	if base.text {
		collate = d.maybe(20, "collate", `COLLATE "C"`)
	}
	sql := words("CREATE DOMAIN", d.qualified(), "AS", base.name, collate,
		d.domainDefault(base),
		d.maybe(10, "not null", "NOT NULL"))
	for i := range d.pick("checks", 3) {
		c := fmt.Sprintf("k%d", i)
		sql += " CONSTRAINT " + ident(d.bare(c, c)) + " CHECK (" + d.one(c+" expr", "VALUE IS NOT NULL", "VALUE::text <> 'a%b\\'", "length(VALUE::text) > 0") + ")"
	}
	return []string{sql}
}

// domainDefault is a value, or what a function or a sequence gives.
func (d *draw) domainDefault(base typ) string {
	if f := d.ref("default function", "function"); f != nil && base.integer && d.chance(20, "by function") {
		return "DEFAULT " + f.qualified() + "(1)"
	}
	if s := d.ref("default sequence", "sequence"); s != nil && base.integer && d.chance(20, "by sequence") {
		return "DEFAULT nextval(" + literal(s.qualified()) + ")"
	}
	return d.maybe(30, "default", "DEFAULT "+base.value)
}

func newDomainCheck(d *draw) []string {
	t := d.ref("of", "domain")
	if t == nil {
		return nil
	}
	condition := d.one("expr", "VALUE IS NOT NULL", "VALUE::text <> ''", "length(VALUE::text) < 100")
	if f := d.ref("function", "function"); f != nil && t.domainBase().integer {
		condition = f.qualified() + "(VALUE::integer) > 0"
	}
	return []string{words("ALTER DOMAIN", t.qualified(), "ADD CONSTRAINT", d.name(), "CHECK ("+condition+")", d.maybe(40, "not valid", "NOT VALID"))}
}

func domainCheckReference(d *draw) string {
	t := d.ref("of", "domain")
	if t == nil {
		return ""
	}
	return "CONSTRAINT " + d.name() + " ON DOMAIN " + t.qualified()
}

func newComposite(d *draw) []string {
	var attrs []string
	for _, c := range d.attributes() {
		attrs = append(attrs, words(c.name, c.typ.name, c.def))
	}
	return []string{"CREATE TYPE " + d.qualified() + " AS (" + strings.Join(attrs, ", ") + ")"}
}

// attributes chooses those of a composite type.
func (d *draw) attributes() []column {
	var out []column
	for i := range 1 + d.pick("attributes", 4) {
		a := fmt.Sprintf("a%d", i)
		if !d.chance(10, a+" gone") {
			c := column{name: ident(d.bare(a, a)), typ: d.typ(a + " type")}
			if c.typ.text {
				c.def = d.maybe(20, a+" collate", d.collate(a))
			}
			out = append(out, c)
		}
	}
	return out
}

func newRange(d *draw) []string {
	sub := d.one("subtype", "integer", "text", "numeric", "timestamptz")
	if own := d.ref("own subtype", "enum", "base type", "domain", "range"); own != nil && d.chance(20, "of own") {
		sub = own.qualified()
	}
	multi := d.maybe(40, "multirange", ", multirange_type_name = "+d.in()+"."+ident("m"+d.bare("multi", fmt.Sprint("r", d.e.Key))))
	if sub == "text" {
		sub += d.maybe(40, "collation", strings.Replace(d.collate("range"), "COLLATE", ", collation =", 1))
	}
	if sub == "integer" {
		sub += d.maybe(40, "difference", ", subtype_diff = int4range_subdiff")
		if o := d.ref("class", "operator class"); o != nil && d.chance(40, "classed") {
			sub += ", subtype_opclass = " + o.qualified()
		}
	}
	return []string{"CREATE TYPE " + d.qualified() + " AS RANGE (subtype = " + sub + multi + ")"}
}

func newCollation(d *draw) []string {
	return []string{"CREATE COLLATION " + d.qualified() + " (" +
		d.one("options", `locale = 'C'`, `provider = icu, locale = 'de-DE'`, `provider = icu, locale = 'und-u-ks-level2', deterministic = false`, `provider = icu, locale = 'en-US'`) + ")"}
}

// collate chooses a collation for a column.
func (d *draw) collate(name string) string {
	if c := d.ref(name+" own collation", "collation"); c != nil && d.chance(60, name+" collated") {
		return "COLLATE " + c.qualified()
	}
	return d.one(name+" collation", `COLLATE "C"`, `COLLATE "POSIX"`)
}

// newBaseType makes one that is stored as an integer is.
func newBaseType(d *draw) []string {
	name := d.qualified()
	in, out := d.in()+"."+ident(fmt.Sprintf("in%d", d.e.Key)), d.in()+"."+ident(fmt.Sprintf("out%d", d.e.Key))
	return []string{
		"CREATE TYPE " + name,
		"CREATE FUNCTION " + in + "(cstring) RETURNS " + name + " LANGUAGE internal IMMUTABLE STRICT AS 'int4in'",
		"CREATE FUNCTION " + out + "(" + name + ") RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'",
		"CREATE TYPE " + name + " (INPUT = " + in + ", OUTPUT = " + out + ", LIKE = integer" + d.one("more", "", ", DEFAULT = '3'", ", CATEGORY = 'X', PREFERRED = true", ", DELIMITER = ';'") + ")",
	}
}

func newShellType(d *draw) []string { return []string{"CREATE TYPE " + d.qualified()} }

// extension is one with a type of its own name.
func (d *draw) extension() string { return d.one("extension", "hstore", "citext", "ltree") }

func newExtension(d *draw) []string {
	return []string{"CREATE EXTENSION " + d.extension() + " SCHEMA " + d.in()}
}

func newSequence(d *draw) []string {
	out := []string{words("CREATE", d.maybe(10, "unlogged", d.since(15, "UNLOGGED")), "SEQUENCE", d.qualified(),
		d.one("as", "", "AS integer", "AS smallint"), d.one("increment", "", "INCREMENT 5", "INCREMENT -1"),
		d.one("max", "", "MAXVALUE 1000"), d.one("cache", "", "CACHE 10"), d.one("cycle", "", "CYCLE"))}
	if d.chance(30, "owned") {
		if t := d.ref("table", "table", "partitioned table"); t != nil {
			if c, ok := d.column(t, "owner column", func(column) bool { return true }); ok {
				out = append(out, "ALTER SEQUENCE "+d.qualified()+" OWNED BY "+t.qualified()+"."+c.name)
			}
		}
	}
	return out
}
