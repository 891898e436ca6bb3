package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// grantables lists what has an access control list that is not NULL, and
// schema public, for which NULL is not what initdb gives it: its address, its
// owner, its type for acldefault, and how GRANT calls it. What belongs to a
// type, such as a range's constructors, pg_dump does not see either.
const grantables = `
  SELECT 'pg_catalog.pg_class'::regclass::oid, c.oid, 0, c.relowner, c.relacl, (CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char",
         CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || quote_ident(n.nspname) || '.' || quote_ident(c.relname), NULL, NULL
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relacl IS NOT NULL AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
  UNION ALL
  SELECT 'pg_catalog.pg_class'::regclass::oid, c.oid, a.attnum, c.relowner, a.attacl, 'c',
         'TABLE ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(a.attname),
         CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'f' THEN 'foreign table ' WHEN 'S' THEN 'sequence ' ELSE 'table ' END ||
         quote_ident(n.nspname) || '.' || quote_ident(c.relname)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::regclass::oid, p.oid, 0, p.proowner, p.proacl, 'f',
         CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' ||
         CASE p.prokind WHEN 'p' THEN pg_get_function_identity_arguments(p.oid) ELSE oidvectortypes(p.proargtypes) END || ')', NULL, NULL
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE p.proacl IS NOT NULL AND n.nspname !~ '^pg_temp_'
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
  UNION ALL
  SELECT 'pg_catalog.pg_namespace'::regclass::oid, n.oid, 0, n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner)), 'n', 'SCHEMA ' || quote_ident(n.nspname), NULL, NULL
    FROM pg_catalog.pg_namespace n WHERE (n.nspacl IS NOT NULL OR n.nspname = 'public') AND n.nspname !~ '^pg_(temp|toast_temp)_'
  UNION ALL
  SELECT 'pg_catalog.pg_type'::regclass::oid, t.oid, 0, t.typowner, t.typacl, 'T', 'TYPE ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname), NULL, NULL
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
   WHERE t.typacl IS NOT NULL AND t.typtype <> 'm' AND n.nspname !~ '^pg_temp_'
  UNION ALL
  SELECT 'pg_catalog.pg_language'::regclass::oid, l.oid, 0, l.lanowner, l.lanacl, 'l', 'LANGUAGE ' || quote_ident(l.lanname), NULL, NULL
    FROM pg_catalog.pg_language l WHERE l.lanacl IS NOT NULL
  UNION ALL
  SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass::oid, w.oid, 0, w.fdwowner, w.fdwacl, 'F', 'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname), NULL, NULL
    FROM pg_catalog.pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL
  UNION ALL
  SELECT 'pg_catalog.pg_foreign_server'::regclass::oid, s.oid, 0, s.srvowner, s.srvacl, 'S', 'FOREIGN SERVER ' || quote_ident(s.srvname), NULL, NULL
    FROM pg_catalog.pg_foreign_server s WHERE s.srvacl IS NOT NULL
  UNION ALL
  SELECT 'pg_catalog.pg_largeobject'::regclass::oid, l.oid, 0, l.lomowner, l.lomacl, 'L', 'LARGE OBJECT ' || l.oid, NULL, NULL
    FROM pg_catalog.pg_largeobject_metadata l WHERE l.lomacl IS NOT NULL`

// privilegeQuery compares the access control lists of what a source lists with
// their defaults, entry by entry; each list once, since most are alike.
//
// Schema public stands apart, as it does for pg_dump: whatever pg_init_privs
// remembers, its default is what initdb of this major gives it.
func privilegeQuery(source string) string {
	return `
WITH db AS (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database()),
o(classid, objid, objsubid, owner, acl, type, target, "column", relation) AS (` + source + `
), b AS (
  SELECT o.*, CASE WHEN o.target = 'SCHEMA public' THEN acldefault('n', o.owner) || makeaclitem(0, o.owner, 'USAGE', false)
                        || makeaclitem(0, o.owner, 'CREATE', false) -- <15
                   ELSE coalesce(i.initprivs, acldefault(o.type, o.owner)) END AS base
  FROM o LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = o.classid AND i.objoid = o.objid AND i.objsubid = o.objsubid
    AND NOT (o.type = 'n' AND o.objid = 2200) -- which was public
), e AS MATERIALIZED (
  SELECT u.acl, u.base, l.*
  FROM (SELECT DISTINCT b.acl, b.base FROM b WHERE b.acl <> b.base) u CROSS JOIN LATERAL (
    SELECT grantor, grantee, ` + levelColumns + `
    FROM (SELECT grantor, grantee, privilege_type AS name, n.is_grantable AS now, w.is_grantable AS was
          FROM aclexplode(u.acl) n FULL JOIN aclexplode(u.base) w USING (grantor, grantee, privilege_type)) p
    GROUP BY grantor, grantee HAVING bool_or(p.now IS DISTINCT FROM p.was)) l
), x AS (
  SELECT b.classid, b.objid, b.objsubid, b.target, b.column, b.relation, e.default, e.granted, e.revoked,
         CASE WHEN e.grantee = 0 THEN 'PUBLIC' WHEN e.grantee = b.owner THEN 'the owner' WHEN e.grantee = db.datdba THEN 'CURRENT_USER'
              ELSE quote_ident(pg_get_userbyid(e.grantee)) END AS grantee,
         CASE WHEN e.grantor = b.owner THEN NULL WHEN e.grantor = db.datdba THEN 'CURRENT_USER'
              ELSE quote_ident(pg_get_userbyid(e.grantor)) END AS grantor,
         CASE WHEN b.owner = db.datdba THEN 'CURRENT_USER' ELSE quote_ident(pg_get_userbyid(b.owner)) END AS owner_name
  FROM db, b JOIN e ON e.acl = b.acl AND e.base = b.base
)
SELECT x.classid, x.objid, x.objsubid, 'to ' || x.grantee || coalesce(' by ' || x.grantor, '') AS name,
       CASE WHEN x.classid <> 'pg_catalog.pg_largeobject'::regclass THEN x.classid END AS pclassid, x.objid AS pobjid, x.objsubid AS pobjsubid, 0 AS ord,
       coalesce('COLUMN ' || substr(x.target, 7) || '.' || x.column, x.target) AS on,
       x.target, x.column, x.relation,
       CASE x.grantee WHEN 'the owner' THEN x.owner_name ELSE x.grantee END AS grantee, x.grantor,
       CASE WHEN x.grantor IS NOT NULL THEN (SELECT string_agg('to ' || g.grantee || coalesce(' by ' || g.grantor, ''), E'\n' ORDER BY g.grantor) FROM x g
            WHERE g.classid = x.classid AND g.objid = x.objid AND g.objsubid IN (0, x.objsubid) AND g.grantee = x.grantor) END AS right,
       x.default, x.granted, x.revoked
FROM x`
}

// levelColumns aggregates the privileges p of one grantee, each with whether it
// has a grant option now and had one in the default (NULL: is not there), into
// the attributes default, granted and revoked.
const levelColumns = `
         string_agg(p.name || CASE WHEN p.was THEN ' WITH GRANT OPTION' ELSE '' END, E'\n' ORDER BY p.name) FILTER (WHERE p.was IS NOT NULL) AS default,
         string_agg(p.name || CASE WHEN p.now THEN ' WITH GRANT OPTION' ELSE '' END, E'\n' ORDER BY p.name) FILTER (WHERE p.now IS NOT NULL AND p.was IS NULL OR p.now AND NOT p.was) AS granted,
         string_agg(CASE WHEN p.now IS NULL THEN p.name ELSE 'GRANT OPTION FOR ' || p.name END, E'\n' ORDER BY p.name) FILTER (WHERE p.was IS NOT NULL AND p.now IS NULL OR p.was AND NOT p.now) AS revoked`

// privilegeRelies says that a privilege needs its roles, its grantor's right
// to grant, and on a column the same privilege on the table: a REVOKE there
// takes both.
func privilegeRelies(o *schema.Object, in *schema.Snapshot) (needs, with []schema.ID) {
	needs = []schema.ID{{Kind: "role", Name: o.Get("grantee")}, {Kind: "role", Name: o.Get("grantor")}, largeObject(o)}
	on := []string{hangsOn(o)}
	if rel := hangsOnRelation(o); rel != "" {
		on = append(on, rel)
		table := schema.ID{Kind: o.ID.Kind, Name: rel + toWhom(o)}
		if t := in.Objects[table]; t != nil && sharePrivilege(o, t) {
			needs = append(needs, table)
		}
	}
	for _, name := range on {
		for _, to := range lines(o.Get("right")) {
			needs = append(needs, schema.ID{Kind: o.ID.Kind, Name: name + " " + to})
		}
	}
	return needs, nil
}

// privilegeAfter puts a change of owner first, since it renames the owner in
// the access control list, and on a column what happens on the table.
func privilegeAfter(o *schema.Object) []schema.ID {
	on := hangsOn(o)
	if rel := hangsOnRelation(o); rel != "" {
		return []schema.ID{{Kind: "owner", Name: rel}, {Kind: o.ID.Kind, Name: rel + toWhom(o)}}
	}
	return []schema.ID{{Kind: "owner", Name: on}}
}

// hangsOnRelation is what hangsOn is of the relation, where o is a privilege
// on a column, and empty otherwise.
func hangsOnRelation(o *schema.Object) string {
	switch rel := o.Get("relation"); {
	case rel == "":
		return ""
	case o.Parent.IsZero(): // built-in, and no object
		return "on " + o.Get("target")
	default:
		return "on " + rel
	}
}

// hangsOn is the part of the name that says what the privilege hangs on, and
// toWhom is the rest.
func hangsOn(o *schema.Object) string {
	if o.Parent.IsZero() {
		return "on " + o.Get("on")
	}
	return "on " + o.Parent.String()
}

func toWhom(o *schema.Object) string { return strings.TrimPrefix(o.ID.Name, hangsOn(o)) }

// sharePrivilege reports whether two lists grant something in common.
func sharePrivilege(a, b *schema.Object) bool {
	others := levels(b, b)
	for p := range levels(a, a) {
		if others[p] > without {
			return true
		}
	}
	return false
}
