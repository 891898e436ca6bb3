package kinds

import "github.com/tvl-platform/plumb/schema"

// replicaIdentities say what a table that is replicated sends of the old row,
// where that is not the primary key. Their address in place of a column's is
// beyond any column. An index can be one as long as its columns are NOT NULL.
var replicaIdentities = &schema.Kind{
	Name: "replica identity",
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, -2000 AS objsubid,
       'of ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       CASE c.relreplident WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL' ELSE 'USING INDEX ' || quote_ident(i.relname) END AS identity
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index x ON x.indrelid = c.oid AND x.indisreplident
LEFT JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND (c.relreplident IN ('n', 'f') OR i.oid IS NOT NULL)`,
	Attrs: []schema.Attr{{Name: "identity", Alter: func(_, new *schema.Object) []string {
		return replicaIdentity(new, new.Get("identity"))
	}}},
	Depends: `
SELECT 'pg_catalog.pg_class'::regclass::oid, x.indrelid, -2000, 'pg_catalog.pg_class'::regclass::oid, x.indexrelid, 0, 'n'
FROM pg_catalog.pg_index x WHERE x.indisreplident
UNION ALL
SELECT 'pg_catalog.pg_class'::regclass::oid, x.indrelid, -2000, 'pg_catalog.pg_class'::regclass::oid, x.indrelid, -k, 'n' -- <18
FROM pg_catalog.pg_index x CROSS JOIN unnest((x.indkey::int2[])[0:x.indnkeyatts - 1]) k -- <18
SELECT 'pg_catalog.pg_class'::regclass::oid, x.indrelid, -2000, 'pg_catalog.pg_constraint'::regclass::oid, k.oid, 0, 'n' -- 18+
FROM pg_catalog.pg_index x -- 18+
JOIN pg_catalog.pg_constraint k ON k.conrelid = x.indrelid AND k.contype = 'n' AND k.conkey[1] = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1]) -- 18+
WHERE x.indisreplident`,
	Create: func(b schema.Built) []string { return replicaIdentity(b.Object, b.Get("identity")) },
	Drop:   func(o *schema.Object) []string { return replicaIdentity(o, "DEFAULT") },
}

func replicaIdentity(o *schema.Object, what string) []string {
	return list("ALTER TABLE %s REPLICA IDENTITY %s", o.Parent.Name, what)
}
