package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// roles are those of the cluster but for the built-in ones and the owner of
// the database, who may be called differently elsewhere. Passwords are not
// read.
var roles = &schema.Kind{
	Name: "role",
	Noun: "ROLE",
	Query: `
SELECT 'pg_catalog.pg_authid'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid, quote_ident(r.rolname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       r.rolsuper AS superuser, r.rolcreatedb AS createdb, r.rolcreaterole AS createrole, r.rolinherit AS inherit, r.rolcanlogin AS login,
       r.rolreplication AS replication, r.rolbypassrls AS bypassrls, r.rolconnlimit AS connection_limit, nullif(r.rolvaliduntil, 'infinity')::text AS valid_until
FROM pg_catalog.pg_roles r
WHERE r.oid >= 16384 AND r.oid <> (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database())`,
	Attrs: []schema.Attr{
		{Name: "superuser", Alter: alterRole},
		{Name: "createdb", Alter: alterRole},
		{Name: "createrole", Alter: alterRole},
		{Name: "inherit", Alter: alterRole},
		{Name: "login", Alter: alterRole},
		{Name: "replication", Alter: alterRole},
		{Name: "bypassrls", Alter: alterRole},
		{Name: "connection_limit", Alter: alterRole},
		{Name: "valid_until", Alter: alterRole},
	},
	// Policies and user mappings name roles, which pg_shdepend knows.
	Depends: `
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, 0, 'n'
FROM pg_catalog.pg_shdepend d
WHERE d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) AND d.refclassid = 'pg_catalog.pg_authid'::regclass
  AND d.classid IN ('pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_user_mapping'::regclass)`,
	Create: func(b schema.Built) []string {
		plain := &schema.Object{Attrs: schema.Attrs{Names: []string{"inherit", "connection_limit"}, Values: []string{"t", "-1"}}}
		return []string{strings.TrimRight("CREATE ROLE "+b.ID.Name+roleOptions(plain, b.Object), " ")}
	},
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER ROLE %s RENAME TO %s", old.ID.Name, new.ID.Name)
	},
	Widens: func(old, new *schema.Object) bool {
		for _, attr := range []string{"superuser", "createdb", "createrole", "login", "replication", "bypassrls"} {
			if new != nil && new.Is(attr) && (old == nil || !old.Is(attr)) {
				return true
			}
		}
		return false
	},
}

func alterRole(old, new *schema.Object) []string {
	return []string{"ALTER ROLE " + new.ID.Name + roleOptions(old, new)}
}

// roleOptions writes the options that differ.
func roleOptions(old, new *schema.Object) string {
	var s strings.Builder
	for _, attr := range []string{"superuser", "createdb", "createrole", "inherit", "login", "replication", "bypassrls"} {
		switch {
		case old.Is(attr) == new.Is(attr):
		case new.Is(attr):
			s.WriteString(" " + strings.ToUpper(attr))
		default:
			s.WriteString(" NO" + strings.ToUpper(attr))
		}
	}
	if n := new.Get("connection_limit"); n != old.Get("connection_limit") {
		s.WriteString(" CONNECTION LIMIT " + n)
	}
	if u := new.Get("valid_until"); u != old.Get("valid_until") {
		s.WriteString(fmt.Sprintf(" VALID UNTIL '%s'", or(u, "infinity")))
	}
	return s.String()
}
