package random

import "fmt"

func newPublication(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	what := "FOR TABLE " + t.qualified()
	if o := d.ref("other", tables...); o != nil && o.e != t.e {
		what = "FOR TABLE " + d.maybe(30, "two", o.qualified()+", ") + t.qualified()
	}
	switch d.pick("what", 6) {
	case 1:
		what = ""
	case 2:
		if s := d.ref("schema", "schema"); s != nil && d.s.Major >= 15 {
			what = "FOR TABLES IN SCHEMA " + s.name()
		}
	case 3:
		what += d.since(15, " WHERE ("+d.condition(t, "filter")+")")
	case 4:
		if c, ok := d.anyColumn(t, "column"); ok {
			what += d.since(15, " ("+c.name+")")
		}
	}
	if d.pick("what", 6) == 5 {
		what = "FOR ALL TABLES"
	}
	return []string{words("CREATE PUBLICATION", d.name(), what, d.one("with", "", "WITH (publish = 'insert')", "WITH (publish_via_partition_root)"))}
}

func (d *draw) options(choice string) string {
	return d.one(choice, "", "OPTIONS (a 'it''s')", `OPTIONS ("B c" '100%s', a '2')`, "OPTIONS (a '3')")
}

func newWrapper(d *draw) []string {
	return []string{words("CREATE FOREIGN DATA WRAPPER", d.name(), d.options("options"))}
}

func newServer(d *draw) []string {
	var out []string
	wrapper := ident(fmt.Sprintf("own%d", d.e.Key))
	if w := d.ref("wrapper", "wrapper"); w != nil {
		wrapper = w.name()
	} else {
		out = []string{"CREATE FOREIGN DATA WRAPPER " + wrapper}
	}
	return append(out, words("CREATE SERVER", d.name(), d.one("type", "", "TYPE 't'"), d.one("version", "", "VERSION '1'", "VERSION '2''3'"), "FOREIGN DATA WRAPPER", wrapper, d.options("options")))
}

// newUserMapping makes one without options: they are secrets, which plans print
// as ***.
func newUserMapping(d *draw) []string {
	s := d.ref("server", "server")
	if s == nil {
		return nil
	}
	return []string{words("CREATE USER MAPPING FOR", d.one("who", "PUBLIC", d.role("role")), "SERVER", s.name())}
}

func newForeignTable(d *draw) []string {
	s := d.ref("server", "server")
	if s == nil {
		return nil
	}
	if p := d.ref("partition of", "partitioned table"); p != nil && d.chance(20, "partition") {
		bound := map[string]string{"range": fmt.Sprintf("FROM (%d) TO (%d)", d.e.Key*10, d.e.Key*10+8), "list": fmt.Sprintf("IN (%d)", d.e.Key*10), "hash": fmt.Sprintf("WITH (modulus 7, remainder %d)", d.e.Key%7)}[p.strategy()]
		return []string{words("CREATE FOREIGN TABLE", d.qualified(), "PARTITION OF", p.qualified(), "FOR VALUES", bound, "SERVER", s.name(), d.options("options"))}
	}
	return []string{words("CREATE FOREIGN TABLE", d.qualified(), columnList(d.columns()), d.maybe(20, "inherits", d.inherits()), "SERVER", s.name(), d.options("options"))}
}

// inherits is a parent of a foreign table.
func (d *draw) inherits() string {
	if p := d.ref("parent", "table", "child"); p != nil {
		return "INHERITS (" + p.qualified() + ")"
	}
	return ""
}

func newTemplate(d *draw) []string {
	return []string{"CREATE TEXT SEARCH TEMPLATE " + d.qualified() + " (INIT = dsimple_init, LEXIZE = dsimple_lexize)"}
}

func newParser(d *draw) []string {
	return []string{"CREATE TEXT SEARCH PARSER " + d.qualified() + " (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype" +
		d.maybe(50, "headline", ", HEADLINE = prsd_headline") + ")"}
}

func newDictionary(d *draw) []string {
	template := d.one("template", "simple", "pg_catalog.simple, accept = false", "snowball, language = german")
	if t := d.ref("own template", "template"); t != nil && d.chance(60, "own") {
		template = t.qualified()
	}
	return []string{"CREATE TEXT SEARCH DICTIONARY " + d.qualified() + " (TEMPLATE = " + template + ")"}
}

func newConfiguration(d *draw) []string {
	out := []string{"CREATE TEXT SEARCH CONFIGURATION " + d.qualified() + " (" + d.configurationBase() + ")"}
	if dict := d.ref("dictionary", "dictionary"); dict != nil && d.chance(60, "mapped") {
		out = append(out, "ALTER TEXT SEARCH CONFIGURATION "+d.qualified()+" ALTER MAPPING FOR "+d.one("token", "word", "asciiword, url")+" WITH "+dict.qualified()+", simple")
	}
	return out
}

func (d *draw) configurationBase() string {
	if p := d.ref("parser", "parser"); p != nil && d.chance(40, "parsed") {
		return "PARSER = " + p.qualified()
	}
	return "COPY = " + d.one("copy", "simple", "english", "german")
}

func newConversion(d *draw) []string {
	return []string{words("CREATE", d.maybe(20, "default", "DEFAULT"), "CONVERSION", d.qualified(), "FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8")}
}

func newAccessMethod(d *draw) []string {
	return []string{fmt.Sprintf("CREATE ACCESS METHOD %s TYPE %s", d.name(), d.one("type", "TABLE HANDLER heap_tableam_handler", "INDEX HANDLER bthandler"))}
}

// newLanguage makes one more name for PL/pgSQL.
func newLanguage(d *draw) []string {
	return []string{words("CREATE", d.maybe(30, "trusted", "TRUSTED"), "LANGUAGE", d.name(), "HANDLER plpgsql_call_handler", d.maybe(50, "inline", "INLINE plpgsql_inline_handler"), d.maybe(50, "validator", "VALIDATOR plpgsql_validator"))}
}

func operatorClassName(d *draw) string { return d.qualified() + " USING btree" }

// newOperatorClass makes one for integers.
func newOperatorClass(d *draw) []string {
	return []string{"CREATE OPERATOR CLASS " + d.qualified() + " FOR TYPE integer USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer)" +
		d.maybe(40, "sort", ", FUNCTION 2 btint4sortsupport(internal)")}
}

func newOperatorFamily(d *draw) []string {
	out := []string{"CREATE OPERATOR FAMILY " + operatorClassName(d)}
	if d.chance(60, "filled") {
		out = append(out, "ALTER OPERATOR FAMILY "+operatorClassName(d)+" ADD OPERATOR 1 < (integer, bigint), OPERATOR 3 = (integer, bigint), FUNCTION 1 btint48cmp(integer, bigint)"+
			d.maybe(40, "more", ", OPERATOR 5 > (integer, bigint)"))
	}
	return out
}

func largeObjectName(d *draw) string { return fmt.Sprint(7000 + d.e.Key) }

func newLargeObject(d *draw) []string {
	return []string{"SELECT lo_create(" + largeObjectName(d) + ")", "GRANT SELECT ON LARGE OBJECT " + largeObjectName(d) + " TO " + d.role("role")}
}
