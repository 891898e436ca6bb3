package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// userMappings say as whom a role goes to a foreign server. Their options are
// passwords and the like: plumb reads the names of those that the server shows
// to it, never the values, and writes *** in their place.
var userMappings = &schema.Kind{
	Name: "user mapping",
	Query: `
SELECT 'pg_catalog.pg_user_mapping'::regclass::oid AS classid, m.umid AS objid, 0 AS objsubid,
       CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END || ' on server ' || quote_ident(m.srvname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END AS role, quote_ident(m.srvname) AS server,
       CASE WHEN m.umoptions IS NULL AND NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN '` + schema.NotVisible + `'
            ELSE (SELECT string_agg(quote_ident(split_part(o, '=', 1)), E'\n' ORDER BY o) FROM unnest(m.umoptions) o) END AS option_names
FROM pg_catalog.pg_user_mappings m`,
	Attrs: []schema.Attr{
		{Name: "role", Fact: true},
		{Name: "server", Fact: true},
		{Name: "option_names", Alter: func(old, new *schema.Object) []string {
			return list("ALTER USER MAPPING FOR %s SERVER %s %s", new.Get("role"), new.Get("server"), fdwOptions(secrets(old), secrets(new)))
		}},
	},
	Create: func(b schema.Built) []string {
		text := fmt.Sprintf("CREATE USER MAPPING FOR %s SERVER %s", b.Get("role"), b.Get("server"))
		if opts := secrets(b.Object); opts != "" {
			text += " " + fdwOptions("", opts)
		}
		return []string{text}
	},
	Secret: func(o *schema.Object) bool { return strings.Contains(secrets(o), secret) },
	Drop: func(o *schema.Object) []string {
		return list("DROP USER MAPPING FOR %s SERVER %s", o.Get("role"), o.Get("server"))
	},
}

// secret stands where a person is to write what plumb must not know.
const secret = "***"

// secrets gives every option the value that stands for a secret.
func secrets(o *schema.Object) string {
	var out []string
	for _, n := range lines(o.Get("option_names")) {
		switch n {
		case schema.NotVisible:
		case "password_required", "use_scram_passthrough":
			out = append(out, n+"=true") // postgres_fdw takes nothing but a Boolean here
		default:
			out = append(out, n+"="+secret)
		}
	}
	return strings.Join(out, "\n")
}
