package kinds

import "github.com/tvl-platform/plumb/schema"

// partitionTriggers say when a partition's copy of a partitioned table's
// trigger fires, where the two differ. Whatever is done to the trigger itself
// is done to all its copies, so these are set after it, each with ONLY.
var partitionTriggers = &schema.Kind{
	Name: "partition trigger",
	Noun: "TRIGGER",
	Query: triggerCopies + `
SELECT 'pg_catalog.pg_trigger'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,
       quote_ident(u.tgname) || ' on ' || u.tgrelid::regclass || ' for ' || t.tgrelid::regclass AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, t.tgrelid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(t.tgname) AS trigger, t.tgrelid::regclass AS table,
       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS relation,
       ` + firing("t.tgenabled") + ` AS enabled, ` + firing("u.tgenabled") + ` AS original_enabled
FROM copy t
JOIN pg_catalog.pg_trigger u ON u.oid = t.original
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
WHERE t.tgenabled <> u.tgenabled AND c.relpersistence <> 't'`,
	// Of a copy's copy pg_depend says that it depends on the copy, which would
	// make one's state the other's.
	Depends: triggerCopies + `
SELECT 'pg_catalog.pg_trigger'::regclass::oid, c.oid, 0, 'pg_catalog.pg_trigger'::regclass::oid, CASE d.type WHEN '-' THEN c.parent ELSE c.original END, 0, d.type
FROM copy c, (VALUES ('-'), ('P')) d(type) WHERE c.parent <> c.original`,
	Attrs: []schema.Attr{
		{Name: "trigger", Fact: true},
		{Name: "table", Fact: true},
		{Name: "relation", Fact: true},
		{Name: "enabled", Alter: func(_, new *schema.Object) []string { return fireCopy(new, new.Get("enabled")) }},
		{Name: "original_enabled", Fact: true},
	},
	Create:  func(b schema.Built) []string { return fireCopy(b.Object, b.Get("enabled")) },
	Drop:    func(o *schema.Object) []string { return fireCopy(o, o.Get("original_enabled")) },
	Ref:     func(o *schema.Object) string { return "TRIGGER " + o.Get("trigger") + " ON " + o.Get("table") },
	Follows: true,
	Widens: func(old, new *schema.Object) bool {
		return new != nil && !fires(new) && (old == nil || fires(old))
	},
}

// triggerCopies lists the copies that partitions have of triggers, at any depth.
const triggerCopies = `
WITH RECURSIVE copy AS (
    SELECT t.oid, t.tgrelid, t.tgname, t.tgenabled, u.oid AS parent, u.oid AS original FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_trigger u ON u.oid = t.tgparentid WHERE u.tgparentid = 0 AND NOT u.tgisinternal
    UNION ALL
    SELECT t.oid, t.tgrelid, t.tgname, t.tgenabled, c.oid, c.original FROM pg_catalog.pg_trigger t JOIN copy c ON c.oid = t.tgparentid)`

func fireCopy(o *schema.Object, when string) []string {
	return list("ALTER %s ONLY %s %s TRIGGER %s", o.Get("relation"), o.Get("table"), when, o.Get("trigger"))
}
