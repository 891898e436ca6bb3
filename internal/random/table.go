package random

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A column is one that other elements can refer to.
type column struct {
	name string // as SQL
	typ  typ
	def  string // what follows the type
	// made is set where the server gives the value.
	made bool
}

var (
	tables    = []string{"table", "table", "partitioned table", "partition", "child", "typed table"}
	relations = []string{"table", "partitioned table", "partition", "child", "typed table", "view", "view", "matview", "foreign table"}
)

// target is the table that an element is on.
func (d *draw) target() *draw { return d.ref("on", tables...) }

// columns lists the columns of a relation.
func (d *draw) columns() []column {
	switch d.e.Kind {
	case "table", "partitioned table", "foreign table":
		return d.ownColumns()
	case "partition":
		if p := d.parent(); p != nil {
			return p.columns()
		}
	case "child":
		var out []column
		for _, p := range d.parents() {
			out = append(out, p.columns()...)
		}
		return append(out, d.ownColumns()...)
	case "typed table":
		if t := d.ref("of", "composite"); t != nil {
			return t.attributes()
		}
	case "view", "matview":
		return d.viewColumns()
	case "composite":
		return d.attributes()
	}
	return nil
}

// column chooses one of a relation's columns.
func (d *draw) column(t *draw, choice string, ok func(column) bool) (column, bool) {
	var fit []column
	for _, c := range t.columns() {
		if ok(c) {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return column{}, false
	}
	return fit[d.pick(choice, len(fit))], true
}

func (d *draw) anyColumn(t *draw, choice string) (column, bool) {
	return d.column(t, choice, func(column) bool { return true })
}

func (d *draw) ownColumns() []column {
	var out []column
	if d.e.Kind == "partitioned table" {
		out = append(out, column{name: ident(d.bare("key", "key")), typ: builtin[0], def: "NOT NULL"})
	}
	for i := range 1 + d.pick("columns", 7) {
		name := fmt.Sprintf("c%d", i)
		if d.e.Kind == "child" {
			name = fmt.Sprintf("d%d", i)
		}
		if !d.chance(10, name+" gone") {
			out = append(out, d.newColumn(name, out))
		}
	}
	return out
}

func (d *draw) newColumn(name string, before []column) column {
	c := column{name: ident(d.bare(name, name)), typ: d.typ(name + " type")}
	if slices.ContainsFunc(before, func(b column) bool { return b.name == c.name }) {
		c.name = ident(name)
	}
	var def []string
	if c.typ.text {
		def = append(def, d.maybe(30, name+" collate", d.collate(name)))
	}
	def = append(def, d.maybe(25, name+" not null", "NOT NULL"))
	value, made := d.columnValue(name, c, before)
	c.made = made
	if strings.HasPrefix(value, "OPTIONS") {
		def, value = append([]string{value}, def...), ""
	}
	c.def = words(append(def, value)...)
	return c
}

// columnValue chooses where a column's value comes from if nobody gives one.
func (d *draw) columnValue(name string, c column, before []column) (sql string, made bool) {
	switch d.pick(name+" value", 12) {
	case 6, 7:
		return "DEFAULT " + c.typ.value, false
	case 8:
		if f := d.ref(name+" function", "function"); f != nil && c.typ.integer {
			return "DEFAULT " + f.qualified() + "(1)", false
		}
		return map[string]string{"timestamptz": "DEFAULT CURRENT_TIMESTAMP", "uuid": "DEFAULT gen_random_uuid()", "name": "DEFAULT CURRENT_USER"}[c.typ.name], false
	case 9:
		if s := d.ref(name+" sequence", "sequence"); s != nil && c.typ.integer {
			return "DEFAULT nextval(" + literal(s.qualified()) + ")", false
		}
	case 10:
		if c.typ.integer && d.e.Kind != "foreign table" {
			return words("GENERATED", d.one(name+" identity", "BY DEFAULT", "ALWAYS"), "AS IDENTITY",
				d.one(name+" start", "", "(START 100)", "(INCREMENT 2 CACHE 3)", "(SEQUENCE NAME "+d.in()+"."+ident(fmt.Sprintf("own%d%s", d.e.Key, name))+")")), true
		}
	case 5:
		if f := d.ref(name+" generator", "function"); f != nil && c.typ.integer && len(before) > 0 && before[0].typ.integer && !before[0].made {
			return "GENERATED ALWAYS AS (" + f.qualified() + "(" + before[0].name + "::integer)) STORED", true
		}
	case 4:
		if config := d.ref(name+" configuration", "configuration"); config != nil && c.typ.name == "tsvector" && len(before) > 0 && before[0].typ.text && !before[0].made {
			return "GENERATED ALWAYS AS (to_tsvector(" + literal(config.qualified()) + "::regconfig, " + before[0].name + ")) STORED", true
		}
		if d.e.Kind == "foreign table" {
			return d.options(name + " options"), false
		}
	case 11:
		if c.typ.text && len(before) > 0 && !before[0].made {
			return "GENERATED ALWAYS AS ((" + before[0].name + " IS NULL)::text)" + d.one(name+" stored", " STORED", cmp.Or(d.since(18, " VIRTUAL"), " STORED")), true
		}
	}
	return "", false
}

func columnList(columns []column) string {
	var out []string
	for _, c := range columns {
		out = append(out, words(c.name, c.typ.name, c.def))
	}
	return "(" + strings.Join(out, ",\n  ") + ")"
}

func newTable(d *draw) []string {
	sql := words("CREATE", d.maybe(8, "unlogged", "UNLOGGED"), "TABLE", d.qualified(), columnList(d.columns()))
	if d.e.Kind == "partitioned table" {
		return []string{sql + " PARTITION BY " + d.strategy() + " (" + d.columns()[0].name + ")"}
	}
	return []string{sql + d.accessMethod() + d.one("options", "", "", "", " WITH (fillfactor=70)", " WITH (autovacuum_enabled=false, toast.autovacuum_enabled=false)")}
}

// accessMethod is now and then one of the schema's own.
func (d *draw) accessMethod() string {
	if m := d.ref("method", "access method"); m != nil && d.chance(30, "own method") {
		return " USING " + m.name()
	}
	return ""
}

func (d *draw) strategy() string { return d.one("strategy", "range", "list", "hash") }

// parent is the partitioned table of a partition.
func (d *draw) parent() *draw {
	if d.chance(25, "below") {
		if p := d.ref("above", "partition"); p != nil && p.chance(35, "partitioned") {
			return p
		}
	}
	return d.ref("of", "partitioned table")
}

// root is the partitioned table at the top.
func (d *draw) root() *draw {
	for d.e.Kind == "partition" {
		if d = d.parent(); d == nil {
			return nil
		}
	}
	return d
}

func newPartition(d *draw) []string {
	p := d.parent()
	if p == nil || len(p.columns()) == 0 {
		return nil
	}
	strategy := "list"
	if p.e.Kind == "partitioned table" {
		strategy = p.strategy()
	}
	bound := "FOR VALUES " + map[string]string{
		"range": fmt.Sprintf("FROM (%d) TO (%d)", d.e.Key*10+d.pick("from", 3), d.e.Key*10+8+d.pick("to", 2)),
		"list":  fmt.Sprintf("IN (%d%s)", d.e.Key*10, d.maybe(30, "more", fmt.Sprintf(", %d", d.e.Key*10+1))),
		"hash":  fmt.Sprintf("WITH (modulus 7, remainder %d)", d.e.Key%7),
	}[strategy]
	if strategy != "hash" && d.chance(15, "default") {
		bound = "DEFAULT"
	}
	by := ""
	if d.chance(35, "partitioned") {
		by = " PARTITION BY list (" + p.columns()[0].name + ")"
	}
	if d.chance(30, "attached") {
		return []string{"CREATE TABLE " + d.qualified() + " " + columnList(reversed(p.columns())) + by,
			"ALTER TABLE " + p.qualified() + " ATTACH PARTITION " + d.qualified() + " " + bound}
	}
	return []string{"CREATE TABLE " + d.qualified() + " PARTITION OF " + p.qualified() + " " + bound + by}
}

// reversed lists columns the other way round, without what a partition does
// not have by itself.
func reversed(columns []column) []column {
	var out []column
	for _, c := range columns {
		if strings.Contains(c.def, "IDENTITY") {
			c.def = "NOT NULL"
		}
		out = append([]column{c}, out...)
	}
	return out
}

// parents lists what a child inherits from.
func (d *draw) parents() []*draw {
	var out []*draw
	if p := d.ref("parent", "table", "child"); p != nil {
		out = append(out, p)
		if q := d.ref("second", "table", "child"); d.chance(20, "two") && q != nil && q.e != p.e {
			out = append(out, q)
		}
	}
	return out
}

func newChild(d *draw) []string {
	var names []string
	for _, p := range d.parents() {
		names = append(names, p.qualified())
	}
	if names == nil {
		return nil
	}
	own := d.ownColumns()
	if d.chance(15, "repeated") {
		if columns := d.parents()[0].columns(); len(columns) > 0 && !columns[0].made {
			own = append(own, column{name: columns[0].name, typ: columns[0].typ})
		}
	}
	return []string{"CREATE TABLE " + d.qualified() + " " + columnList(own) + " INHERITS (" + strings.Join(names, ", ") + ")"}
}

func newTyped(d *draw) []string {
	if t := d.ref("of", "composite"); t != nil {
		return []string{"CREATE TABLE " + d.qualified() + " OF " + t.qualified()}
	}
	return nil
}

func newColumnSetting(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	c, ok := d.anyColumn(t, "column")
	if !ok {
		return nil
	}
	return []string{"ALTER TABLE " + d.one("only", "", "ONLY ") + t.qualified() + " ALTER " + c.name + " " +
		d.one("setting", "SET STATISTICS 77", "SET STORAGE EXTERNAL", "SET (n_distinct=5)", "SET NOT NULL", "SET COMPRESSION pglz", "DROP DEFAULT", "SET DEFAULT "+c.typ.value, "SET STORAGE MAIN")}
}

func newTableSetting(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	return []string{"ALTER TABLE " + t.qualified() + " " +
		d.one("setting", "ENABLE ROW LEVEL SECURITY", "REPLICA IDENTITY FULL", "FORCE ROW LEVEL SECURITY", "SET (autovacuum_vacuum_threshold=5)", "REPLICA IDENTITY NOTHING", "SET UNLOGGED")}
}

func newRows(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	var names, values []string
	for _, c := range t.columns() {
		value := c.typ.value
		if c.made || d.chance(10, c.name) {
			continue
		}
		if r := t.root(); r != nil && r.e.Kind == "partitioned table" && len(names) == 0 {
			value = "7" // the key
			if t.e.Kind == "partition" {
				value = fmt.Sprint(t.e.Key*10 + 4*boolInt(r.strategy() == "range"))
			}
		}
		names, values = append(names, c.name), append(values, value)
	}
	if len(names) == 0 {
		return []string{"INSERT INTO " + t.qualified() + " DEFAULT VALUES"}
	}
	return []string{"INSERT INTO " + t.qualified() + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// newNotNull makes a mark with a name.
func newNotNull(d *draw) []string {
	t := d.target()
	if t == nil || d.s.Major < 18 {
		return nil
	}
	c, ok := d.anyColumn(t, "column")
	if !ok {
		return nil
	}
	return alterTable(t, words("CONSTRAINT", d.name(), "NOT NULL", c.name, d.one("how", "", "NO INHERIT", "NOT VALID")))
}
