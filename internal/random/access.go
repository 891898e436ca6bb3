package random

import (
	"slices"
	"strings"
)

// Roles are the roles that a server must have for random schemas, as SQL.
var Roles = []string{"plumb_plain", `"Plumb Role"`, `"plumb""quote"`, `"plumb%s'\"`}

func (d *draw) role(choice string) string { return d.one(choice, Roles...) }

func newPolicy(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	condition := func(choice string) string {
		if o := d.ref(choice+" other", relations...); o != nil && d.chance(30, choice+" asks") {
			return "EXISTS (SELECT FROM " + o.qualified() + " o WHERE " + d.conditionOn(o, choice, "o.") + ")"
		}
		return d.condition(t, choice)
	}
	command := d.one("command", "", "FOR SELECT", "FOR INSERT", "FOR UPDATE", "FOR DELETE")
	using, check := "USING ("+condition("using")+")", ""
	switch command {
	case "FOR INSERT":
		using, check = "", "WITH CHECK ("+condition("with check")+")"
	case "", "FOR UPDATE":
		check = d.maybe(40, "checked", "WITH CHECK ("+condition("with check")+")")
	}
	return []string{words("CREATE POLICY", d.name(), "ON", t.qualified(), d.maybe(25, "restrictive", "AS RESTRICTIVE"), command,
		"TO", d.one("to", "public", "public", d.role("to role"), d.role("to role")+", CURRENT_USER"), using, check)}
}

// some of these cannot have an owner.
var ownerless = []string{"key", "foreign key", "check", "exclusion", "index", "trigger", "policy", "rule", "cast", "access method", "template", "parser", "extension", "shell type", "transform", "domain check"}

var texts = []string{"a comment", "it's", `back\slash`, "two\nlines", "100%s %", "$$ $f$", `"q"`, "ünï😀"}

func newComment(d *draw) []string {
	e := d.ref("of", kindsWith(func(maker) bool { return true })...)
	if e == nil || e.reference() == "" {
		return nil
	}
	return []string{"COMMENT ON " + e.reference() + " IS " + literal(d.one("text", texts...))}
}

func newColumnComment(d *draw) []string {
	t := d.ref("of", append([]string{"composite"}, relations...)...)
	if t == nil {
		return nil
	}
	c, ok := d.anyColumn(t, "column")
	if !ok {
		return nil
	}
	return []string{"COMMENT ON COLUMN " + t.qualified() + "." + c.name + " IS " + literal(d.one("text", texts...))}
}

func newOwner(d *draw) []string {
	e := d.ref("of", kindsWith(func(m maker) bool { return !slices.Contains(ownerless, m.kind) })...)
	if e == nil || e.reference() == "" {
		return nil
	}
	return []string{"ALTER " + e.reference() + " OWNER TO " + d.role("role")}
}

func newGrant(d *draw) []string {
	e := d.ref("on", append([]string{"schema", "sequence", "enum", "domain", "base type", "function", "row function", "atomic function", "trigger function", "procedure", "aggregate", "wrapper", "server"}, relations...)...)
	if e == nil {
		return nil
	}
	noun, name, _ := strings.Cut(e.reference(), " ")
	may := "ALL"
	switch noun {
	case "VIEW", "TABLE":
		noun, may = "TABLE", d.one("may", "SELECT", "INSERT, UPDATE", "ALL", "TRUNCATE")
	case "MATERIALIZED", "FOREIGN":
		noun, name = "TABLE", strings.TrimPrefix(strings.TrimPrefix(name, "VIEW "), "TABLE ")
		if w, ok := strings.CutPrefix(name, "DATA WRAPPER "); ok {
			noun, name = "FOREIGN DATA WRAPPER", w
		}
	case "SERVER":
		noun = "FOREIGN SERVER"
	case "AGGREGATE":
		noun = "FUNCTION"
	}
	if noun == "FUNCTION" && d.chance(40, "revoke") {
		return []string{"REVOKE ALL ON " + noun + " " + name + " FROM PUBLIC"}
	}
	return []string{words("GRANT", may, "ON", noun, name, "TO", d.one("to", "PUBLIC", d.role("role"), d.role("role")+" WITH GRANT OPTION"))}
}

func newColumnGrant(d *draw) []string {
	t := d.ref("on", relations...)
	if t == nil {
		return nil
	}
	c, ok := d.anyColumn(t, "column")
	if !ok {
		return nil
	}
	return []string{"GRANT " + d.one("may", "SELECT", "UPDATE", "REFERENCES") + " (" + c.name + ") ON " + t.qualified() + " TO " + d.role("role")}
}

func newDefaultPrivilege(d *draw) []string {
	in := ""
	if s := d.ref("schema", "schema"); s != nil {
		in = d.maybe(60, "in schema", "IN SCHEMA "+s.name())
	}
	if d.chance(25, "revoke") {
		return []string{words("ALTER DEFAULT PRIVILEGES", d.maybe(30, "for", "FOR ROLE "+d.role("for role")), "REVOKE", d.one("right", "EXECUTE ON FUNCTIONS", "USAGE ON TYPES"), "FROM PUBLIC")}
	}
	return []string{words("ALTER DEFAULT PRIVILEGES", d.maybe(30, "for", "FOR ROLE "+d.role("for role")), in,
		"GRANT", d.one("what", "SELECT ON TABLES", "EXECUTE ON FUNCTIONS", "USAGE ON TYPES", "ALL ON SEQUENCES"), "TO", d.role("role"))}
}
