package random

import "fmt"

func newPublication(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	what := "FOR TABLE " + t.qualified()
	switch d.pick("what", 5) {
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
	return []string{words("CREATE PUBLICATION", d.name(), what, d.one("with", "", "WITH (publish = 'insert')", "WITH (publish_via_partition_root)"))}
}

func (d *draw) options(choice string) string {
	return d.one(choice, "", "OPTIONS (a 'it''s')", `OPTIONS ("B c" '100%s', a '2')`, "OPTIONS (a '3')")
}

func newWrapper(d *draw) []string {
	return []string{words("CREATE FOREIGN DATA WRAPPER", d.name(), d.options("options"))}
}

func newServer(d *draw) []string {
	w := d.ref("wrapper", "wrapper")
	if w == nil {
		return nil
	}
	return []string{words("CREATE SERVER", d.name(), d.one("type", "", "TYPE 't'"), d.one("version", "", "VERSION '1'", "VERSION '2''3'"), "FOREIGN DATA WRAPPER", w.name(), d.options("options"))}
}

func newUserMapping(d *draw) []string {
	s := d.ref("server", "server")
	if s == nil {
		return nil
	}
	return []string{words("CREATE USER MAPPING FOR", d.one("who", "PUBLIC", d.role("role")), "SERVER", s.name(), d.options("options"))}
}

func newForeignTable(d *draw) []string {
	s := d.ref("server", "server")
	if s == nil {
		return nil
	}
	return []string{words("CREATE FOREIGN TABLE", d.qualified(), columnList(d.columns()), "SERVER", s.name(), d.options("options"))}
}

func newDictionary(d *draw) []string {
	return []string{"CREATE TEXT SEARCH DICTIONARY " + d.qualified() + " (TEMPLATE = " + d.one("template", "simple", "pg_catalog.simple, accept = false", "snowball, language = german") + ")"}
}

func newConfiguration(d *draw) []string {
	out := []string{"CREATE TEXT SEARCH CONFIGURATION " + d.qualified() + " (COPY = " + d.one("copy", "simple", "english", "german") + ")"}
	if dict := d.ref("dictionary", "dictionary"); dict != nil && d.chance(60, "mapped") {
		out = append(out, "ALTER TEXT SEARCH CONFIGURATION "+d.qualified()+" ALTER MAPPING FOR "+d.one("token", "word", "asciiword, url")+" WITH "+dict.qualified()+", simple")
	}
	return out
}

func newConversion(d *draw) []string {
	return []string{words("CREATE", d.maybe(20, "default", "DEFAULT"), "CONVERSION", d.qualified(), "FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8")}
}

func newAccessMethod(d *draw) []string {
	return []string{fmt.Sprintf("CREATE ACCESS METHOD %s TYPE %s", d.name(), d.one("type", "TABLE HANDLER heap_tableam_handler", "INDEX HANDLER bthandler"))}
}
