package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// partitions are the ties between partitions and what they are partitions of:
// dropping one detaches a table, creating one attaches it. A bound cannot be
// changed, so all old ones are given up before a new one is taken.
var partitions = &schema.Kind{
	Name: "partition",
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, -20000 AS objsubid,
       c.oid::regclass::text AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       c.oid::regclass::text AS table, i.inhparent::regclass::text AS of,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       CASE WHEN i.inhdetachpending THEN 'DETACH PENDING' END AS pending
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'`,
	Depends: `
SELECT 'pg_catalog.pg_class'::regclass::oid, i.inhrelid, -20000, 'pg_catalog.pg_class'::regclass::oid, i.inhparent, 0, 'n'
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'`,
	Attrs: []schema.Attr{
		{Name: "table", Fact: true},
		{Name: "of"},
		{Name: "bound"},
		{Name: "pending", Alter: func(old, new *schema.Object) []string {
			if new.Has("pending") {
				return nil
			}
			return append(detach(old), attach(new)...)
		}},
	},
	Follows: true,
	Relies:  pendingNeeds,
	Tie:     true,
	Inside:  []string{"table", "foreign table"},
	Create:  func(b schema.Built) []string { return attach(b.Object) },
	Drop:    detach,
}

// pendingNeeds lists the constraints of a partition whose detaching is not
// ended, such as the one that it left: before it ends none can be dropped.
func pendingNeeds(o *schema.Object, in *schema.Snapshot) (needs, with []schema.ID) {
	if !o.Has("pending") {
		return nil, nil
	}
	for id, c := range in.Objects {
		if id.Kind == "constraint" && c.Parent == o.Parent {
			needs = append(needs, id)
		}
	}
	return needs, nil
}

func attach(o *schema.Object) []string {
	return list("ALTER TABLE %s ATTACH PARTITION %s %s", o.Get("of"), o.Get("table"), o.Get("bound"))
}

// detach ends a detaching that was cut off halfway, where there is one.
func detach(o *schema.Object) []string {
	what := ""
	if o.Has("pending") {
		what = " FINALIZE"
	}
	return list("ALTER TABLE %s DETACH PARTITION %s%s", o.Get("of"), o.Get("table"), what)
}

// inheritances are the ties between tables and their parents by INHERITS. The
// order of the parents is that of the columns they pass on, and pg_dump's: a
// new parent comes last, so one that others are to precede is moved behind them.
var inheritances = &schema.Kind{
	Name: "inheritance",
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, -20000 - i.inhseqno AS objsubid,
       c.oid::regclass::text || ' of ' || i.inhparent::regclass::text AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, i.inhseqno AS ord,
       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS relation,
       c.oid::regclass::text AS table, i.inhparent::regclass::text AS of,
       (SELECT string_agg(replace(b.inhparent::regclass::text, E'\n', '\n'), E'\n' ORDER BY b.inhseqno)
        FROM pg_catalog.pg_inherits b WHERE b.inhrelid = i.inhrelid AND b.inhseqno < i.inhseqno) AS behind,
       quote_ident(n.nspname) || '.' || quote_ident('parent_' || md5(i.inhparent::regclass::text)) AS substitute
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT c.relispartition AND c.relkind IN ('r', 'f') AND c.relpersistence <> 't'`,
	Depends: `
SELECT 'pg_catalog.pg_class'::regclass::oid, i.inhrelid, -20000 - i.inhseqno, 'pg_catalog.pg_class'::regclass::oid, i.inhparent, 0, 'n'
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
WHERE NOT c.relispartition AND c.relkind IN ('r', 'f') AND c.relpersistence <> 't'`,
	Attrs: []schema.Attr{
		{Name: "relation", Fact: true},
		{Name: "table", Fact: true},
		{Name: "of", Fact: true},
		{Name: "behind", Alter: func(old, new *schema.Object) []string {
			if within(lines(new.Get("behind")), lines(old.Get("behind"))) {
				return []string{} // others go, or are moved behind this one
			}
			return moveBehind(new)
		}},
		{Name: "substitute", Fact: true},
	},
	Tie:     true,
	Several: true,
	Inside:  []string{"table", "foreign table"},
	After: func(o *schema.Object) []schema.ID {
		var out []schema.ID
		for _, of := range lines(o.Get("behind")) {
			out = append(out, schema.ID{Kind: "inheritance", Name: o.Get("table") + " of " + strings.ReplaceAll(of, `\n`, "\n")})
		}
		return out
	},
	Create: func(b schema.Built) []string { return inherit(b.Object, "INHERIT", b.Get("of")) },
	Drop:   func(o *schema.Object) []string { return inherit(o, "NO INHERIT", o.Get("of")) },
}

// inherit has the table of a tie INHERIT, or NO INHERIT, a parent.
func inherit(o *schema.Object, what, parent string) []string {
	return list("ALTER %s %s %s %s", o.Get("relation"), o.Get("table"), what, parent)
}

// moveBehind gives a table up by its parent and takes it back, behind its other
// parents. A substitute like the parent inherits meanwhile: what a table no
// longer inherits becomes its own, and would stay so (ATExecDropInherit).
func moveBehind(o *schema.Object) []string {
	of, substitute := o.Get("of"), o.Get("substitute")
	out := list("CREATE TABLE %s (LIKE %s INCLUDING CONSTRAINTS INCLUDING GENERATED)", substitute, of)
	for _, do := range [][2]string{{"INHERIT", substitute}, {"NO INHERIT", of}, {"INHERIT", of}, {"NO INHERIT", substitute}} {
		out = append(out, inherit(o, do[0], do[1])...)
	}
	return append(out, list("DROP TABLE %s", substitute)...)
}

// within reports whether a list is another one without some of its items.
func within(list, other []string) bool {
	for _, item := range other {
		if len(list) > 0 && list[0] == item {
			list = list[1:]
		}
	}
	return len(list) == 0
}

// parents lists the tables that a new one inherits from, in order.
func parents(b schema.Built) []string {
	var out []string
	for _, p := range b.Parts {
		if p.ID.Kind == "inheritance" {
			out = append(out, p.Get("of"))
		}
	}
	return out
}
