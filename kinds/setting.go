package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// settings are those that ALTER ROLE … SET and ALTER DATABASE … SET keep, each
// an object of its own. The database is the one that is compared, whatever
// it is called. A value that is a list of names is split into them, as
// SET wants it.
var settings = &schema.Kind{
	Name: "setting",
	Query: `
WITH s AS (
  SELECT s.setrole, s.setdatabase, split_part(c.text, '=', 1) AS name, substr(c.text, strpos(c.text, '=') + 1) AS value,
         CASE WHEN s.setrole = 0 THEN NULL WHEN s.setrole = d.datdba THEN 'CURRENT_USER' ELSE quote_ident(pg_get_userbyid(s.setrole)) END AS role
  FROM pg_catalog.pg_db_role_setting s
  JOIN pg_catalog.pg_database d ON d.datname = current_database() AND s.setdatabase IN (0, d.oid)
  CROSS JOIN LATERAL unnest(s.setconfig) c(text)
  WHERE s.setrole = 0 OR s.setrole >= 16384 OR s.setrole = d.datdba
)
SELECT 'pg_catalog.pg_db_role_setting'::regclass::oid AS classid, s.setrole AS objid, (- row_number() OVER (ORDER BY s.setrole, s.setdatabase, s.name))::int AS objsubid,
       s.name || CASE WHEN s.role IS NOT NULL THEN ' for role ' || s.role ELSE '' END
              || CASE WHEN s.setdatabase <> 0 THEN ' in database' WHEN s.role IS NULL THEN ' for all roles' ELSE '' END AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       (SELECT string_agg(quote_ident(p), '.' ORDER BY i) FROM unnest(string_to_array(s.name, '.')) WITH ORDINALITY u(p, i)) AS setting,
       s.role, s.setdatabase <> 0 AS in_database,
       CASE WHEN s.name IN ('local_preload_libraries', 'search_path', 'session_preload_libraries', 'shared_preload_libraries', 'temp_tablespaces', 'unix_socket_directories')
            THEN coalesce((SELECT string_agg(quote_literal(coalesce(replace(m[1], '""', '"'), m[2])), ', ')
                             FROM regexp_matches(s.value, '"((?:[^"]|"")*)"|([^", ]+)', 'g') m), '''''')
            ELSE quote_literal(s.value) END AS value
FROM s`,
	Anywhere: true,
	Attrs: []schema.Attr{
		{Name: "setting", Fact: true},
		{Name: "role", Fact: true},
		{Name: "in_database", Fact: true},
		{Name: "value", Alter: func(_, new *schema.Object) []string { return set(new) }},
	},
	Relies: func(o *schema.Object, _ *schema.Snapshot) (needs, with []schema.ID) {
		return []schema.ID{{Kind: "role", Name: o.Get("role")}}, nil
	},
	Create: func(b schema.Built) []string { return set(b.Object) },
	Drop:   func(o *schema.Object) []string { return alterSetting(o, "RESET "+o.Get("setting")) },
}

func set(o *schema.Object) []string {
	return alterSetting(o, "SET "+o.Get("setting")+" TO "+o.Get("value"))
}

// alterSetting writes ALTER ROLE or ALTER DATABASE.
func alterSetting(o *schema.Object, what string) []string {
	role := or(o.Get("role"), "ALL")
	switch {
	case !o.Is("in_database"):
		return list("ALTER ROLE %s %s", role, what)
	case role == "ALL":
		return executeFor("current_database()", "ALTER DATABASE %I "+percents(what))
	}
	return executeFor("current_database()", "ALTER ROLE "+percents(role)+" IN DATABASE %I "+percents(what))
}

// executeFor runs a statement with a name that only the server knows in the
// place of %I: that of the database or of its owner.
func executeFor(name, text string) []string {
	return list("DO %s", strings.TrimSpace(literal("BEGIN EXECUTE format("+strings.TrimSpace(literal(text))+", "+name+"); END")))
}

// percents guards text against format.
func percents(text string) string { return strings.ReplaceAll(text, "%", "%%") }
