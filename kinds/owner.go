package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// owners say who owns what the owner of the database does not: an object
// without one belongs to whoever owns the database, so that two databases
// whose owners have different names are alike. CURRENT_USER stands for that
// role in statements, since plumb works as the owner of the database.
//
// Schema public is expected to be as initdb makes it, in the hands of
// pg_database_owner (the bootstrap superuser before PostgreSQL 15).
//
// A sequence that belongs to a column always has its table's owner and cannot
// be given another (ALTER SEQUENCE fails): the table's statement does it.
var owners = &schema.Kind{
	Name: "owner",
	Query: `
WITH db AS (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database()),
o(classid, objid, owner) AS (
  SELECT 'pg_catalog.pg_namespace'::regclass::oid, oid, nspowner FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public') UNION ALL
  SELECT 'pg_catalog.pg_class'::regclass::oid, oid, relowner FROM pg_catalog.pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p', 'f', 'v', 'm', 'S') UNION ALL
  SELECT 'pg_catalog.pg_proc'::regclass::oid, oid, proowner FROM pg_catalog.pg_proc WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_type'::regclass::oid, oid, typowner FROM pg_catalog.pg_type WHERE oid >= 16384 AND typtype <> 'm' UNION ALL
  SELECT 'pg_catalog.pg_operator'::regclass::oid, oid, oprowner FROM pg_catalog.pg_operator WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_opclass'::regclass::oid, oid, opcowner FROM pg_catalog.pg_opclass WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_opfamily'::regclass::oid, oid, opfowner FROM pg_catalog.pg_opfamily WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_collation'::regclass::oid, oid, collowner FROM pg_catalog.pg_collation WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_conversion'::regclass::oid, oid, conowner FROM pg_catalog.pg_conversion WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_ts_config'::regclass::oid, oid, cfgowner FROM pg_catalog.pg_ts_config WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_ts_dict'::regclass::oid, oid, dictowner FROM pg_catalog.pg_ts_dict WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_statistic_ext'::regclass::oid, oid, stxowner FROM pg_catalog.pg_statistic_ext WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_language'::regclass::oid, oid, lanowner FROM pg_catalog.pg_language WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass::oid, oid, fdwowner FROM pg_catalog.pg_foreign_data_wrapper WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_foreign_server'::regclass::oid, oid, srvowner FROM pg_catalog.pg_foreign_server WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_publication'::regclass::oid, oid, pubowner FROM pg_catalog.pg_publication WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_subscription'::regclass::oid, oid, subowner FROM pg_catalog.pg_subscription
   WHERE subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()) UNION ALL
  SELECT 'pg_catalog.pg_event_trigger'::regclass::oid, oid, evtowner FROM pg_catalog.pg_event_trigger WHERE oid >= 16384 UNION ALL
  SELECT 'pg_catalog.pg_largeobject'::regclass::oid, oid, lomowner FROM pg_catalog.pg_largeobject_metadata
)
SELECT o.classid, o.objid, 0 AS objsubid, '' AS name,
       CASE WHEN o.classid <> 'pg_catalog.pg_largeobject'::regclass THEN o.classid END AS pclassid, o.objid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       CASE WHEN o.classid = 'pg_catalog.pg_largeobject'::regclass THEN 'LARGE OBJECT ' || o.objid END AS on,
       quote_ident(pg_get_userbyid(o.owner)) AS owner, 'CURRENT_USER' AS default,
       (SELECT CASE t.relkind WHEN 'f' THEN 'foreign table ' ELSE 'table ' END || quote_ident(n.nspname) || '.' || quote_ident(t.relname)
          FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
         WHERE d.classid = o.classid AND d.objid = o.objid AND d.objsubid = 0 AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0
           AND d.deptype IN ('a', 'i') AND o.classid = 'pg_catalog.pg_class'::regclass) AS follows
FROM o, db
WHERE o.owner <> db.datdba
UNION ALL
SELECT 'pg_catalog.pg_namespace'::regclass::oid, n.oid, 0, '', 'pg_catalog.pg_namespace'::regclass::oid, n.oid, 0, 0, NULL,
       CASE WHEN n.nspowner = db.datdba THEN 'CURRENT_USER' ELSE quote_ident(pg_get_userbyid(n.nspowner)) END,
       'pg_database_owner', NULL -- 15+
       'CURRENT_USER', NULL -- <15
FROM pg_catalog.pg_namespace n, db
WHERE n.nspname = 'public'
  AND n.nspowner <> 6171 -- 15+
  AND n.nspowner NOT IN (10, db.datdba) -- <15
`,
	Anywhere: true,
	Hangs:    true,
	Attrs: []schema.Attr{
		{Name: "on", Fact: true},
		{Name: "owner", Alter: func(_, new *schema.Object) []string { return setOwner(new, new.Get("owner")) }},
		{Name: "default", Fact: true},
		{Name: "follows", Alter: func(_, new *schema.Object) []string { return setOwner(new, new.Get("owner")) }},
	},
	Relies: func(o *schema.Object, _ *schema.Snapshot) (needs, with []schema.ID) {
		return []schema.ID{{Kind: "role", Name: o.Get("owner")}, largeObject(o)}, nil
	},
	Create: func(b schema.Built) []string { return setOwner(b.Object, b.Get("owner")) },
	Drop:   func(o *schema.Object) []string { return setOwner(o, o.Get("default")) },
	Widens: func(_, _ *schema.Object) bool { return true },
}

// setOwner writes ALTER … OWNER TO; nothing for a sequence that follows its
// table, which the statements of its sequence owner let in and out.
func setOwner(o *schema.Object, owner string) []string {
	if o.Has("follows") {
		return []string{}
	}
	return list("ALTER %s OWNER TO %s", o.Get("on"), owner)
}

// largeObject is the large object that something hangs on, if it does.
func largeObject(o *schema.Object) schema.ID {
	oid, ok := strings.CutPrefix(o.Get("on"), "LARGE OBJECT ")
	if !ok {
		return schema.ID{}
	}
	return schema.ID{Kind: "large object", Name: oid}
}
