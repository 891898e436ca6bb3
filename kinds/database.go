package kinds

import "github.com/tvl-platform/plumb/schema"

// databases is the one database that is compared. It is there on both sides;
// what others have granted and said on it hangs on it.
var databases = &schema.Kind{
	Name: "database",
	Noun: "DATABASE",
	Query: `
SELECT 'pg_catalog.pg_database'::regclass::oid AS classid, d.oid AS objid, 0 AS objsubid, '' AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       shobj_description(d.oid, 'pg_database') AS comment, d.datconnlimit AS connection_limit
FROM pg_catalog.pg_database d
WHERE d.datname = current_database()`,
	Anywhere: true,
	Attrs: []schema.Attr{
		{Name: "comment", Alter: func(_, new *schema.Object) []string { return commentOnDatabase(new.Get("comment")) }},
		{Name: "connection_limit", Alter: func(_, new *schema.Object) []string {
			return executeFor("current_database()", "ALTER DATABASE %I CONNECTION LIMIT "+new.Get("connection_limit"))
		}},
	},
	Create: func(b schema.Built) []string { return commentOnDatabase(b.Get("comment")) },
	Drop:   func(*schema.Object) []string { return []string{} },
}

func commentOnDatabase(text string) []string {
	is := "NULL"
	if text != "" {
		is = literal(text)
	}
	return executeFor("current_database()", "COMMENT ON DATABASE %I IS "+percents(is))
}

// clusterPrivileges are those on what all databases share, and on the database
// itself.
var clusterPrivileges = func() *schema.Kind {
	k := *privileges
	k.Name = "cluster privilege"
	k.Query = privilegeQuery(`
  SELECT 'pg_catalog.pg_database'::regclass::oid, d.oid, 0, d.datdba, d.datacl, 'd'::"char", 'DATABASE', NULL, NULL
    FROM pg_catalog.pg_database d WHERE d.datname = current_database() AND d.datacl IS NOT NULL
  UNION ALL
  SELECT 'pg_catalog.pg_parameter_acl'::regclass::oid, p.oid, 0, 10, p.paracl, 'p', 'PARAMETER ' || quote_ident(p.parname), NULL, NULL FROM pg_catalog.pg_parameter_acl p WHERE p.paracl IS NOT NULL UNION ALL -- 15+
  SELECT 'pg_catalog.pg_tablespace'::regclass::oid, t.oid, 0, t.spcowner, t.spcacl, 't', 'TABLESPACE ' || quote_ident(t.spcname), NULL, NULL
    FROM pg_catalog.pg_tablespace t WHERE t.spcacl IS NOT NULL`)
	return &k
}()
