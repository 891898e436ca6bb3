package random

import (
	"fmt"
	"strings"
)

// source is the relation that a view reads.
func (d *draw) source() *draw { return d.ref("from", relations...) }

// viewColumns lists a view's columns by name; all are named in its query.
func (d *draw) viewColumns() []column {
	s := d.source()
	if s == nil {
		return nil
	}
	var out []column
	alias := d.alias(s)
	for i, c := range s.columns() {
		v := fmt.Sprintf("v%d", i)
		if len(out) > 0 && d.chance(25, v+" gone") {
			continue
		}
		c.def, c.made = alias+c.name, false
		if d.chance(20, v+" computed") {
			c.def, c.typ = d.one(v+" how", "("+c.def+" IS NULL)::text", c.def+"::text", "coalesce("+c.def+"::text, '%s''\\')"), builtin[1]
		}
		if d.chance(40, v+" renamed") {
			c.name = ident(d.bare(v, v))
		}
		out = append(out, c)
	}
	return out
}

func (d *draw) query() string {
	s := d.source()
	if s == nil {
		return ""
	}
	var list []string
	for _, c := range d.viewColumns() {
		list = append(list, c.def+" AS "+c.name)
	}
	if f := d.ref("atomic", "atomic function"); f != nil && d.chance(20, "calls") {
		list = append(list, f.qualified()+"(1) AS called")
	}
	if f := d.ref("row", "row function"); f != nil && d.chance(20, "calls row") {
		if t := f.rowTable(); t != nil {
			list = append(list, "(SELECT count("+f.qualified()+"(r)) FROM "+t.qualified()+" r) AS counted")
		}
	}
	join, grouped := d.join(s), d.groupedBy(s)
	switch {
	case grouped != "":
	case join != "":
		list = append(list, "other AS other")
	case d.chance(10, "whole row"):
		list = append(list, "x AS whole")
	}
	if g := d.ref("aggregate", "aggregate"); g != nil && d.chance(20, "aggregated") {
		list = append(list, "(SELECT "+g.qualified()+"(i) FROM generate_series(1, 3) i) AS aggregated")
	}
	sql := "SELECT " + strings.Join(list, ", ") + "\n  FROM " + s.qualified() + " x" + join
	if d.chance(30, "where") {
		sql += "\n WHERE " + d.conditionOn(s, "filter", d.alias(s))
	}
	if grouped != "" {
		return sql + " GROUP BY " + grouped
	}
	if o := d.ref("other", relations...); o != nil {
		sql += d.one("shape", "", "", "", "\nLIMIT 10", " GROUP BY "+groups(s, d.alias(s))+" HAVING count(*) > 0", "\nUNION ALL SELECT "+strings.Join(list, ", ")+" FROM "+s.qualified()+" x",
			func() string {
				if strings.Contains(sql, "\n WHERE ") {
					return ""
				}
				return " WHERE EXISTS (SELECT FROM " + o.qualified() + ")"
			}())
	}
	return sql
}

// alias stands before the columns of the relation that is read, if another is joined.
func (d *draw) alias(s *draw) string {
	if d.join(s) != "" {
		return "x."
	}
	return ""
}

// join is another relation that a query reads, by columns of the same name or not.
func (d *draw) join(s *draw) string {
	o := d.ref("joined", relations...)
	if o == nil || !d.chance(25, "joins") {
		return ""
	}
	for _, c := range s.columns() {
		for _, also := range o.columns() {
			if c.name == also.name && d.chance(60, "using") {
				return " JOIN " + o.qualified() + " other USING (" + c.name + ")"
			}
		}
	}
	return " LEFT JOIN " + o.qualified() + " other ON " + d.conditionOn(o, "join", "other.")
}

// groupedBy lists the columns of a primary key, by which the others are grouped.
func (d *draw) groupedBy(s *draw) string {
	k := d.ref("grouped by", "key")
	if k == nil || k.target() == nil || k.target().e != s.e || !d.chance(50, "grouped") {
		return ""
	}
	return d.alias(s) + strings.ReplaceAll(k.keyColumns(s), ", ", ", "+d.alias(s))
}

func groups(s *draw, alias string) string {
	var out []string
	for _, c := range s.columns() {
		out = append(out, alias+c.name)
	}
	return strings.Join(out, ", ")
}

func newView(d *draw) []string {
	q := d.query()
	if q == "" {
		return nil
	}
	return []string{"CREATE VIEW " + d.qualified() + d.one("options", "", "", "", " WITH (security_barrier)", d.since(15, " WITH (security_invoker)"), " WITH (check_option=local)") + " AS " + q}
}

func newMatview(d *draw) []string {
	q := d.query()
	if q == "" {
		return nil
	}
	return []string{"CREATE MATERIALIZED VIEW " + d.qualified() + d.accessMethod() + d.one("options", "", "", "", " WITH (fillfactor=50)") + " AS " + q + d.maybe(20, "empty", "\nWITH NO DATA")}
}

func newViewDefault(d *draw) []string {
	v := d.ref("view", "view")
	if v == nil {
		return nil
	}
	c, ok := d.anyColumn(v, "column")
	if !ok {
		return nil
	}
	return []string{"ALTER VIEW " + v.qualified() + " ALTER " + c.name + " SET DEFAULT " + c.typ.value}
}

func newRule(d *draw) []string {
	t := d.target()
	if t == nil {
		return nil
	}
	do := "DO ALSO NOTHING"
	if o := d.ref("other", "table"); o != nil && d.chance(50, "does") {
		do = d.one("way", "DO ALSO", "DO INSTEAD") + " DELETE FROM " + o.qualified() + " WHERE " + d.condition(o, "other filter")
	}
	return []string{words("CREATE RULE", d.name(), "AS ON", d.one("event", "INSERT", "UPDATE", "DELETE"), "TO", t.qualified(), do),
		"ALTER TABLE " + t.qualified() + d.one("state", " ENABLE RULE ", " DISABLE RULE ", " ENABLE ALWAYS RULE ") + d.name()}
}
