package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// memberships are roles granted to roles. From PostgreSQL 16 on there may be
// one by each grantor, with options of its own; what the server grants by
// itself to a role that is no superuser and makes another is left out.
// What the bootstrap superuser or the owner of the database granted has no
// grantor.
var memberships = &schema.Kind{
	Name: "role membership",
	Query: `
WITH db AS (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database()),
m AS (
  SELECT m.*, quote_ident(r.rolname) AS role, m.roleid = db.datdba AS of_owner,
         CASE WHEN m.member = db.datdba THEN 'CURRENT_USER' ELSE quote_ident(pg_get_userbyid(m.member)) END AS to_role,
         CASE WHEN m.grantor NOT IN (10, db.datdba) THEN quote_ident(pg_get_userbyid(m.grantor)) END AS by_role -- 16+
         NULL AS by_role -- <16
  FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.roleid, db
  WHERE (m.member >= 16384 OR m.member = db.datdba)
    AND NOT (m.member = db.datdba AND m.grantor = 10 AND db.datdba <> 10) -- 16+
)
SELECT 'pg_catalog.pg_auth_members'::regclass::oid AS classid, m.roleid AS objid, (- row_number() OVER (ORDER BY m.roleid, m.member, m.grantor))::int AS objsubid,
       'of ' || m.to_role || ' in ' || CASE WHEN m.of_owner THEN 'CURRENT_USER' ELSE m.role END || coalesce(' by ' || m.by_role, '') AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       CASE WHEN m.of_owner THEN 'CURRENT_USER' ELSE m.role END AS role, m.to_role AS member, m.by_role AS grantor, m.admin_option AS admin
       , m.inherit_option AS inherit, m.set_option AS set -- 16+
FROM m`,
	Anywhere: true,
	Attrs: []schema.Attr{
		{Name: "role", Fact: true},
		{Name: "member", Fact: true},
		{Name: "grantor", Fact: true},
		{Name: "admin", Alter: alterMembership},
		{Name: "inherit", Alter: alterMembership},
		{Name: "set", Alter: alterMembership},
	},
	Relies: func(o *schema.Object, in *schema.Snapshot) (needs, with []schema.ID) {
		needs = []schema.ID{{Kind: "role", Name: o.Get("role")}, {Kind: "role", Name: o.Get("member")}, {Kind: "role", Name: o.Get("grantor")}}
		if g := o.Get("grantor"); g != "" {
			needs = append(needs, schema.ID{Kind: o.ID.Kind, Name: "of " + g + " in " + o.Get("role")})
		}
		return needs, nil
	},
	Create: func(b schema.Built) []string { return grantRole(b.Object, plainMembership) },
	Drop: func(o *schema.Object) []string {
		return ofOwner(o, "REVOKE "+roleWord(o)+" FROM "+o.Get("member")+grantedBy(o))
	},
	Widens: func(_, new *schema.Object) bool { return new != nil },
}

// plainMembership has the options that GRANT gives by itself; whether
// privileges are inherited depends on the member.
var plainMembership = &schema.Object{Attrs: schema.Attrs{Names: []string{"admin", "set"}, Values: []string{"f", "t"}}}

func alterMembership(old, new *schema.Object) []string {
	if !new.Has("inherit") && !new.Is("admin") {
		return ofOwner(new, "REVOKE ADMIN OPTION FOR "+roleWord(new)+" FROM "+new.Get("member"))
	}
	return grantRole(new, old)
}

// grantRole grants with the options that differ; before PostgreSQL 16 there is
// but one.
func grantRole(o, old *schema.Object) []string {
	text := "GRANT " + roleWord(o) + " TO " + o.Get("member")
	var options []string
	switch {
	case o.Has("inherit"):
		for _, attr := range []string{"admin", "inherit", "set"} {
			if o.Get(attr) != old.Get(attr) {
				options = append(options, strings.ToUpper(attr)+map[bool]string{true: " TRUE", false: " FALSE"}[o.Is(attr)])
			}
		}
	case o.Is("admin"):
		options = []string{"ADMIN OPTION"}
	}
	if len(options) > 0 {
		text += " WITH " + strings.Join(options, ", ")
	}
	return ofOwner(o, text+grantedBy(o))
}

func grantedBy(o *schema.Object) string {
	if g := o.Get("grantor"); g != "" {
		return " GRANTED BY " + g
	}
	return ""
}

// roleWord is the role as GRANT names it: for the owner of the database, whom
// GRANT does not take as CURRENT_USER here, a place for a name.
func roleWord(o *schema.Object) string {
	if o.Get("role") == "CURRENT_USER" {
		return "%I"
	}
	return o.Get("role")
}

func ofOwner(o *schema.Object, text string) []string {
	if o.Get("role") != "CURRENT_USER" {
		return []string{text}
	}
	return executeFor("current_user", text)
}
