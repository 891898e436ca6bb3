package kinds

import (
	"github.com/tvl-platform/plumb/schema"
)

// defaultPrivileges are what ALTER DEFAULT PRIVILEGES gives to the objects
// that a role makes. Those for one schema add to what holds everywhere, which
// in turn replaces what PostgreSQL gives by itself. CURRENT_USER stands for
// the owner of the database.
//
// Their steps come last: they must not touch what the plan itself makes, which
// Implies has reckoned with as it was before.
var defaultPrivileges = &schema.Kind{
	Name:  "default privilege",
	Gives: true,
	Query: `
WITH db AS (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database()),
d AS (
  SELECT a.oid, a.defaclrole, a.defaclnamespace, a.defaclobjtype, a.defaclacl,
         acldefault(CASE a.defaclobjtype WHEN 'S' THEN 's' ELSE a.defaclobjtype END, a.defaclrole) AS built_in
  FROM pg_catalog.pg_default_acl a
), x AS (
  SELECT d.oid, d.defaclnamespace, quote_ident(n.nspname) AS schema,
         CASE WHEN d.defaclrole = db.datdba THEN 'CURRENT_USER' ELSE quote_ident(pg_get_userbyid(d.defaclrole)) END AS role,
         CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS type,
         CASE WHEN e.grantee = 0 THEN 'PUBLIC' WHEN e.grantee = d.defaclrole THEN 'the owner' WHEN e.grantee = db.datdba THEN 'CURRENT_USER'
              ELSE quote_ident(pg_get_userbyid(e.grantee)) END AS grantee,
         e.built_in, e.default, e.granted, e.revoked
  FROM db, d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace CROSS JOIN LATERAL (
    SELECT grantee, string_agg(p.name || CASE WHEN p.built_in THEN ' WITH GRANT OPTION' ELSE '' END, E'\n' ORDER BY p.name) FILTER (WHERE p.built_in IS NOT NULL) AS built_in,` + levelColumns + `
    FROM (SELECT grantee, privilege_type AS name, n.is_grantable AS now, w.is_grantable AS built_in, CASE WHEN d.defaclnamespace = 0 THEN w.is_grantable END AS was
          FROM aclexplode(d.defaclacl) n FULL JOIN aclexplode(d.built_in) w USING (grantee, privilege_type)) p
    GROUP BY grantee HAVING bool_or(p.now IS DISTINCT FROM p.was)) e
)
SELECT 'pg_catalog.pg_default_acl'::regclass::oid AS classid, x.oid AS objid, (- row_number() OVER (ORDER BY x.oid, x.grantee))::int AS objsubid,
       'for role ' || x.role || coalesce(' in schema ' || x.schema, '') || ' on ' || lower(x.type) || ' to ' || x.grantee AS name,
       CASE WHEN x.defaclnamespace <> 0 THEN 'pg_catalog.pg_namespace'::regclass::oid END AS pclassid, x.defaclnamespace AS pobjid, 0 AS pobjsubid, 0 AS ord,
       x.role, x.schema, x.type, CASE x.grantee WHEN 'the owner' THEN x.role ELSE x.grantee END AS grantee,
       x.built_in, x.default, x.granted, x.revoked
FROM x`,
	Anywhere: true,
	Last:     true,
	Attrs: []schema.Attr{
		{Name: "role", Fact: true},
		{Name: "schema", Fact: true},
		{Name: "type", Fact: true},
		{Name: "grantee", Fact: true},
		{Name: "built_in", Fact: true},
		{Name: "default", Fact: true},
		{Name: "granted", Alter: alterDefaultPrivileges, Known: knownPrivileges},
		{Name: "revoked", Alter: alterDefaultPrivileges, Known: knownPrivileges},
	},
	Relies: func(o *schema.Object, _ *schema.Snapshot) (needs, with []schema.ID) {
		return []schema.ID{{Kind: "role", Name: o.Get("role")}, {Kind: "role", Name: o.Get("grantee")}}, nil
	},
	Create: func(b schema.Built) []string { return defaultGrants(b.Object, nil, b.Object) },
	Drop:   func(o *schema.Object) []string { return defaultGrants(o, o, nil) },
	Widens: widensPrivileges,
}

func alterDefaultPrivileges(old, new *schema.Object) []string { return defaultGrants(new, old, new) }

// defaultGrants writes the statements that lead from was to is; nil stands for
// what holds without any.
func defaultGrants(of, was, is *schema.Object) []string {
	alter := "ALTER DEFAULT PRIVILEGES"
	if r := of.Get("role"); r != "CURRENT_USER" {
		alter += " FOR ROLE " + r
	}
	if s := of.Get("schema"); s != "" {
		alter += " IN SCHEMA " + s
	}
	out := []string{}
	for _, c := range grantChanges(levels(of, was), levels(of, is)) {
		out = append(out, alter+" "+c.on(of.Get("type"), "", of.Get("grantee")))
	}
	return out
}
