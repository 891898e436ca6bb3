package random

import "fmt"

func functionName(d *draw) string        { return d.qualified() + "(integer)" }
func triggerFunctionName(d *draw) string { return d.qualified() + "()" }
func procedureName(d *draw) string       { return d.qualified() + "(integer)" }
func aggregateName(d *draw) string       { return d.qualified() + "(integer)" }

// attributes of a function, all of them plain at first.
func (d *draw) functionAttributes() string {
	return words(d.one("volatility", "IMMUTABLE", "IMMUTABLE", "STABLE", "VOLATILE"), d.one("strict", "", "", "STRICT"), d.one("security", "", "", "SECURITY DEFINER"),
		d.one("parallel", "", "PARALLEL SAFE"), d.one("cost", "", "", "COST 7"), d.one("leakproof", "", "", "LEAKPROOF"),
		d.one("set", "", "", "", "SET search_path TO public", "SET work_mem TO '8MB'", `SET search_path TO "a""b", 'c'`))
}

// newFunction makes one from integer to integer, which everything can call.
func newFunction(d *draw) []string {
	arg := ident(d.bare("argument", "n"))
	head := "CREATE FUNCTION " + d.qualified() + "(" + arg + " integer" + d.maybe(30, "default", " DEFAULT 5") + ") RETURNS integer " + d.functionAttributes()
	body := d.one("body", "SELECT $1", "SELECT $1 + 1", "SELECT $1 -- it's 100%s \\\n")
	if d.chance(20, "plpgsql") {
		language := "plpgsql"
		if l := d.ref("language", "language"); l != nil && d.chance(60, "own language") {
			language = l.name()
		}
		return []string{head + " LANGUAGE " + language + " AS $f$ BEGIN RETURN $1; END $f$"}
	}
	if d.chance(30, "atomic") {
		return []string{head + " LANGUAGE sql RETURN " + d.one("return", "$1", "$1 + 1", "abs($1)")}
	}
	return []string{head + " LANGUAGE sql AS $f$" + body + "$f$"}
}

// rowTable is the table whose row type a function takes.
func (d *draw) rowTable() *draw {
	return d.ref("row of", append([]string{"view", "composite", "enum", "domain"}, tables...)...)
}

func rowFunctionName(d *draw) string {
	t := d.rowTable()
	if t == nil {
		return d.qualified() + "()"
	}
	return d.qualified() + "(" + t.qualified() + d.maybe(20, "array", "[]") + ")"
}

func newRowFunction(d *draw) []string {
	t := d.rowTable()
	if t == nil {
		return nil
	}
	returns := d.one("returns", "integer", "SETOF "+t.qualified(), "TABLE (a integer, b "+t.qualified()+")")
	return []string{"CREATE FUNCTION " + rowFunctionName(d) + " RETURNS " + returns + " LANGUAGE sql " + d.functionAttributes() + " AS $f$SELECT 1$f$"}
}

func typedFunctionName(d *draw) string {
	return d.qualified() + "(" + d.typ("first").name + ", " + d.typ("second").name + d.maybe(30, "variadic", "[]") + ")"
}

// newTypedFunction makes one whose arguments, and what it returns, are of any types.
func newTypedFunction(d *draw) []string {
	first, second, returns := d.typ("first"), d.typ("second"), d.typ("returns")
	variadic := d.maybe(30, "variadic", "[]")
	arguments := ident(d.bare("a", "a")) + " " + first.name + ", " + prefixed("VARIADIC ", d.maybe(30, "variadic", ident("b")))
	if variadic == "" {
		arguments += ident("b") + " " + second.name + d.maybe(40, "default", " DEFAULT "+second.value)
	} else {
		arguments += " " + second.name + "[]"
	}
	head := "CREATE FUNCTION " + d.qualified() + "(" + arguments + ") RETURNS " + d.maybe(20, "set", "SETOF ") + returns.name + " LANGUAGE sql "
	if d.chance(30, "atomic") {
		return []string{head + d.functionAttributes() + " RETURN NULL::" + returns.name}
	}
	return []string{head + d.functionAttributes() + " AS $f$SELECT NULL::" + returns.name + "$f$"}
}

func atomicFunctionName(d *draw) string { return d.qualified() + "(integer)" }

func newAtomicFunction(d *draw) []string {
	s := d.ref("from", relations...)
	if s == nil {
		return nil
	}
	c, ok := d.anyColumn(s, "column")
	if !ok {
		return nil
	}
	return []string{"CREATE FUNCTION " + d.qualified() + "(n integer) RETURNS bigint LANGUAGE sql " + d.one("volatility", "STABLE", "VOLATILE") +
		" BEGIN ATOMIC SELECT count(x." + c.name + ") FROM " + s.qualified() + " x WHERE " + d.condition(s, "filter") + "; END"}
}

func newTriggerFunction(d *draw) []string {
	return []string{"CREATE FUNCTION " + d.qualified() + "() RETURNS trigger LANGUAGE plpgsql " + d.maybe(20, "security", "SECURITY DEFINER") +
		" AS $f$ BEGIN " + d.one("body", "RETURN NEW;", "RETURN NULL;", "/* it's\n%s */ RETURN NEW;") + " END $f$"}
}

func newProcedure(d *draw) []string {
	t := d.target()
	if t == nil || d.chance(40, "string") {
		return []string{"CREATE PROCEDURE " + d.qualified() + "(n integer) LANGUAGE sql AS $f$ SELECT 1 $f$"}
	}
	return []string{"CREATE PROCEDURE " + d.qualified() + "(n integer) LANGUAGE sql BEGIN ATOMIC DELETE FROM " + t.qualified() + " WHERE " + d.condition(t, "filter") + "; END"}
}

func newAggregate(d *draw) []string {
	final := ""
	if f := d.ref("final", "function"); f != nil && d.chance(40, "finished") {
		final = ", FINALFUNC = " + f.qualified()
	}
	return []string{"CREATE AGGREGATE " + d.qualified() + "(integer) (SFUNC = " + d.one("function", "int4pl", "int4larger", "int4mul") + ", STYPE = integer" +
		d.maybe(40, "init", ", INITCOND = '0'") + d.maybe(30, "parallel", ", PARALLEL = safe") + d.maybe(30, "combine", ", COMBINEFUNC = int4pl") + final + ")"}
}

func (d *draw) operatorSign() string { return d.one("sign", "###", "<@>", "|~|") + "!" }

func operatorName(d *draw) string { return d.in() + "." + d.operatorSign() + " (NONE, integer)" }

func newOperator(d *draw) []string {
	f := d.ref("function", "function")
	if f == nil {
		return nil
	}
	return []string{"CREATE OPERATOR " + d.in() + "." + d.operatorSign() + " (FUNCTION = " + f.qualified() + ", RIGHTARG = integer)"}
}

func castName(d *draw) string {
	t := d.ref("type", "composite", "enum")
	if t == nil {
		return ""
	}
	return "(" + t.qualified() + " AS " + d.one("to", "jsonb", "xml", "json") + ")"
}

func newCast(d *draw) []string {
	if castName(d) == "" {
		return nil
	}
	return []string{words("CREATE CAST", castName(d), "WITH INOUT", d.one("context", "", "AS ASSIGNMENT"))}
}

// transformName follows FOR.
func transformName(d *draw) string {
	t := d.ref("type", "composite", "enum", "base type")
	if t == nil {
		return ""
	}
	language := "plpgsql"
	if l := d.ref("language", "language"); l != nil {
		language = l.name()
	}
	return t.qualified() + " LANGUAGE " + language
}

func newTransform(d *draw) []string {
	if transformName(d) == "" {
		return nil
	}
	return []string{"CREATE TRANSFORM FOR " + transformName(d) + " (FROM SQL WITH FUNCTION prsd_lextype(internal))"}
}

func newTrigger(d *draw) []string {
	t, f := d.target(), d.ref("function", "trigger function")
	if t == nil || f == nil {
		return nil
	}
	event := d.one("event", "INSERT", "UPDATE", "DELETE", "INSERT OR UPDATE")
	if c, ok := d.anyColumn(t, "column"); ok && event == "UPDATE" && d.chance(50, "of") {
		event += " OF " + c.name
	}
	when := ""
	if c, ok := d.column(t, "when column", func(c column) bool { return !c.made }); ok && d.chance(40, "when") {
		when = map[string]string{"INSERT": "WHEN (NEW." + c.name + " IS NOT NULL)", "UPDATE": "WHEN (OLD." + c.name + "::text IS DISTINCT FROM NEW." + c.name + "::text)"}[event]
	}
	call := "EXECUTE FUNCTION " + f.qualified() + "(" + d.one("arguments", "", "'a'", `'it''s', E'back\\slash'`) + ")"
	head := words("CREATE TRIGGER", d.name(), d.one("timing", "BEFORE", "AFTER"), event, "ON", t.qualified(), "FOR EACH ROW", when, call)
	switch d.pick("form", 6) {
	case 4:
		head = words("CREATE CONSTRAINT TRIGGER", d.name(), "AFTER", event, "ON", t.qualified(), d.one("deferrable", "", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"), "FOR EACH ROW", when, call)
	case 5:
		head = words("CREATE TRIGGER", d.name(), "AFTER INSERT ON", t.qualified(), "REFERENCING NEW TABLE AS", ident(d.bare("new", "fresh")), "FOR EACH STATEMENT", call)
	}
	return []string{head, "ALTER TABLE " + t.qualified() + d.one("state", " ENABLE TRIGGER ", " ENABLE TRIGGER ", " DISABLE TRIGGER ", " ENABLE ALWAYS TRIGGER ", " ENABLE REPLICA TRIGGER ") + d.name()}
}

// newTriggerState has a trigger fire otherwise on a table or one of its partitions.
func newTriggerState(d *draw) []string {
	t := d.ref("trigger", "trigger")
	if t == nil || t.target() == nil {
		return nil
	}
	on := t.target()
	if p := d.ref("partition", "partition"); p != nil && d.chance(60, "on partition") {
		on = p
	}
	return []string{"ALTER TABLE " + on.qualified() + d.one("state", " DISABLE TRIGGER ", " ENABLE ALWAYS TRIGGER ", " ENABLE REPLICA TRIGGER ", " ENABLE TRIGGER ") + t.name()}
}

func newViewTrigger(d *draw) []string {
	v, f := d.ref("view", "view"), d.ref("function", "trigger function")
	if v == nil || f == nil {
		return nil
	}
	return []string{fmt.Sprintf("CREATE TRIGGER %s INSTEAD OF INSERT ON %s FOR EACH ROW EXECUTE FUNCTION %s()", d.name(), v.qualified(), f.qualified())}
}

func newEventTrigger(d *draw) []string {
	f := ident(d.bare("function", fmt.Sprintf("e%d", d.e.Key)))
	return []string{"CREATE FUNCTION " + d.in() + "." + f + "() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$",
		words("CREATE EVENT TRIGGER", d.name(), "ON", d.one("event", "ddl_command_end", "sql_drop"), d.maybe(40, "when", "WHEN TAG IN ('CREATE TABLE', 'DROP TABLE')"), "EXECUTE FUNCTION", d.in()+"."+f+"()"),
		"ALTER EVENT TRIGGER " + d.name() + d.one("state", " ENABLE", " DISABLE", " ENABLE ALWAYS")}
}
