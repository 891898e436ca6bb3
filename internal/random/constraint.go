package random

import (
	"fmt"
	"strings"
)

func alterTable(t *draw, what string) []string {
	return []string{"ALTER TABLE " + t.qualified() + " ADD " + what}
}

// some chooses one to three columns of a relation, and says them in a list.
func (d *draw) some(t *draw, choice string, least int) string {
	var out []string
	seen := map[string]bool{}
	if r := t.root(); r != nil && r.e.Kind == "partitioned table" {
		out, seen[r.columns()[0].name] = append(out, r.columns()[0].name), true
	}
	for i := range least + d.pick(choice+"s", 3) {
		if c, ok := d.anyColumn(t, fmt.Sprint(choice, i)); ok && !seen[c.name] {
			out, seen[c.name] = append(out, c.name), true
		}
	}
	return strings.Join(out, ", ")
}

func newKey(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	include := ""
	if c, ok := d.anyColumn(t, "included"); ok && d.chance(15, "include") {
		include = "INCLUDE (" + c.name + ")"
	}
	form := "UNIQUE"
	if d.isPrimary() {
		form = "PRIMARY KEY"
	} else if d.chance(20, "nulls") {
		form += d.since(15, " NULLS NOT DISTINCT")
	}
	out := alterTable(t, words("CONSTRAINT", d.name(), form, "("+d.keyColumns(t)+")", include,
		d.one("options", "", "", "WITH (fillfactor=80)"), d.one("deferrable", "", "", "", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED")))
	if d.chance(10, "replica identity") {
		out = append(out, "ALTER TABLE "+t.qualified()+" REPLICA IDENTITY USING INDEX "+d.name())
	}
	return out
}

func (d *draw) isPrimary() bool { return d.pick("primary", 2) == 0 }

func (d *draw) keyColumns(t *draw) string { return d.some(t, "column", 1) }

// newForeignKey adds columns of their own for what refers to a key.
func newForeignKey(d *draw) []string {
	t, key := d.ref("on", "table", "child", "partitioned table", "partition", "typed table"), d.ref("key", "key")
	if t == nil || key == nil || key.target() == nil {
		return nil
	}
	to := key.target()
	var out, names []string
	if len(to.columns()) == 0 {
		return nil
	}
	for i, name := range strings.Split(key.keyColumns(to), ", ") {
		for _, c := range to.columns() {
			if c.name == name {
				own := ident(d.bare(fmt.Sprint("own", i), fmt.Sprintf("f%d_%d", d.e.Key, i)))
				names = append(names, own)
				out = append(out, alterTable(t, "COLUMN "+own+" "+c.typ.name)...)
				break
			}
		}
	}
	action := []string{"", "", "CASCADE", "SET NULL", "RESTRICT", "SET DEFAULT"}
	del := d.one("delete", action...)
	if del == "SET NULL" {
		del += d.maybe(30, "set one", d.since(15, " ("+names[0]+")"))
	}
	parts := words("CONSTRAINT", d.name(), "FOREIGN KEY", "("+strings.Join(names, ", ")+")", "REFERENCES", to.qualified(), "("+key.keyColumns(to)+")",
		d.maybe(15, "match", "MATCH FULL"),
		prefixed("ON DELETE ", del), prefixed("ON UPDATE ", d.one("update", action...)),
		d.one("deferrable", "", "", "", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"),
		d.maybe(15, "not valid", "NOT VALID"), d.maybe(10, "not enforced", d.since(18, "NOT ENFORCED")))
	return append(out, alterTable(t, parts)...)
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// condition chooses an expression over one column.
func (d *draw) condition(t *draw, choice string) string { return d.conditionOn(t, choice, "") }

// conditionOn does so with what qualifies the column.
func (d *draw) conditionOn(t *draw, choice, alias string) string {
	c, ok := d.anyColumn(t, choice+" column")
	if !ok {
		return "true"
	}
	c.name = alias + c.name
	if f := d.ref(choice+" function", "function"); f != nil && c.typ.integer && d.chance(40, choice+" called") {
		return f.qualified() + "(" + c.name + "::integer) > 0"
	}
	if o := d.ref(choice+" operator", "operator"); o != nil && c.typ.integer && d.chance(30, choice+" by operator") {
		return "(OPERATOR(" + o.in() + "." + o.operatorSign() + ") " + c.name + "::integer) > 0"
	}
	if c.typ.integer {
		return c.name + d.one(choice+" than", " > 0", " < 1000", " <> ALL (ARRAY[5, 6])")
	}
	return d.one(choice+" form", c.name+" IS NOT NULL", c.name+"::text <> 'it''s 100%s'", "NOT "+c.name+"::text ~ E'\\\\d+\\n'", c.name+" = "+c.typ.value)
}

func newCheck(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	return alterTable(t, words("CONSTRAINT", d.name(), "CHECK ("+d.condition(t, "check")+")",
		d.maybe(15, "no inherit", "NO INHERIT"), d.maybe(15, "not valid", "NOT VALID"), d.maybe(10, "not enforced", d.since(18, "NOT ENFORCED"))))
}

func newExclusion(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	c, ok := d.column(t, "column", func(c column) bool { return strings.HasSuffix(c.typ.name, "range") || c.typ.integer || c.typ.text })
	if !ok {
		return nil
	}
	how := "USING btree (" + c.name + " WITH =)"
	if strings.HasSuffix(c.typ.name, "range") {
		how = "USING gist (" + c.name + " WITH &&)"
	}
	return alterTable(t, words("CONSTRAINT", d.name(), "EXCLUDE", how, d.maybe(30, "where", "WHERE ("+d.condition(t, "predicate")+")"), d.maybe(20, "deferrable", "DEFERRABLE")))
}

// indexName is in the schema of its table.
func indexName(d *draw) string {
	if t := d.indexed(); t != nil {
		return t.in() + "." + d.name()
	}
	return d.name()
}

func (d *draw) indexed() *draw { return d.ref("on", append([]string{"matview"}, tables...)...) }

func newIndex(d *draw) []string {
	t := d.indexed()
	if t == nil {
		return nil
	}
	c, ok := d.anyColumn(t, "first")
	if !ok {
		return nil
	}
	first := c.name
	f := d.ref("called", "function")
	switch {
	case d.chance(15, "expression") && c.typ.text:
		first = "lower(" + c.name + ")"
	case d.chance(15, "searched") && c.typ.text:
		config := "simple"
		if own := d.ref("configuration", "configuration"); own != nil {
			config = own.qualified()
		}
		first = "to_tsvector(" + literal(config) + "::regconfig, " + c.name + ")"
	case d.chance(15, "call") && c.typ.integer && f != nil:
		first = f.qualified() + "(" + c.name + "::integer)"
	case d.chance(15, "cast"):
		first = "((" + c.name + " IS NULL))"
	case c.typ.text:
		first += d.one("collate", "", "", ` COLLATE "C"`, " text_pattern_ops")
	}
	if o := d.ref("class", "operator class"); o != nil && first == c.name && c.typ.name == "integer" && d.chance(60, "classed") {
		first += " " + o.qualified()
	}
	first += d.one("order", "", "", " DESC", " ASC NULLS FIRST")
	list := first
	if more, ok := d.anyColumn(t, "more"); ok && d.chance(40, "two") {
		list += ", " + more.name
	}
	using := ""
	if list == c.name {
		using = d.one("method", "", "", "", "USING hash", "USING gin", "USING brin", "USING gist")
	}
	only := ""
	if t.e.Kind == "partitioned table" {
		only = d.maybe(15, "only", "ONLY")
	}
	include := ""
	if more, ok := d.anyColumn(t, "included"); ok && using == "" && d.chance(15, "include") {
		include = "INCLUDE (" + more.name + ")"
	}
	out := []string{words("CREATE", d.maybe(10, "unique", "UNIQUE"), "INDEX", d.name(), "ON", only, t.qualified(), using, "("+list+")", include,
		d.one("options", "", "", "", "WITH (fillfactor=60)"),
		d.maybe(20, "where", "WHERE "+d.condition(t, "predicate")))}
	if first != c.name && d.chance(30, "counted") {
		out = append(out, "ALTER INDEX "+t.in()+"."+d.name()+" ALTER COLUMN 1 SET STATISTICS 55")
	}
	if d.chance(8, "cluster") && t.e.Kind != "matview" {
		out = append(out, "ALTER TABLE "+t.qualified()+" CLUSTER ON "+d.name())
	}
	return out
}

// newAttachedIndex makes an index on a partitioned table alone, and attaches one
// on a partition to it.
func newAttachedIndex(d *draw) []string {
	p := d.ref("on", "partition")
	if p == nil || p.parent() == nil {
		return nil
	}
	t := p.parent()
	c, ok := d.anyColumn(t, "column")
	if !ok {
		return nil
	}
	part := ident(d.bare("part", fmt.Sprintf("part%d", d.e.Key)))
	return []string{
		"CREATE INDEX " + d.name() + " ON ONLY " + t.qualified() + " (" + c.name + ")",
		"CREATE INDEX " + part + " ON " + p.qualified() + " (" + c.name + ")" + d.one("options", "", " WITH (fillfactor=60)"),
		"ALTER INDEX " + t.in() + "." + d.name() + " ATTACH PARTITION " + p.in() + "." + part,
	}
}

func newStatistics(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	out := []string{words("CREATE STATISTICS", d.qualified(), d.one("kinds", "", "(ndistinct)", "(mcv, dependencies)"), "ON", d.some(t, "column", 2)+d.maybe(20, "expression", ", (("+d.condition(t, "expression")+"))"), "FROM", t.qualified())}
	if d.chance(30, "target") {
		out = append(out, "ALTER STATISTICS "+d.qualified()+" SET STATISTICS 9")
	}
	return out
}
