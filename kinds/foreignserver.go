package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// foreignServers hold where foreign tables are, not who goes there: that is in
// the user mappings.
var foreignServers = &schema.Kind{
	Name:    "server",
	Noun:    "SERVER",
	Follows: true,
	Sought:  true,
	Query: `
SELECT 'pg_catalog.pg_foreign_server'::regclass::oid AS classid, s.oid AS objid, 0 AS objsubid,
       quote_ident(s.srvname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(w.fdwname) AS wrapper, s.srvtype AS type, s.srvversion AS version,
       ` + foreignOptions("s.srvoptions") + ` AS options
FROM pg_catalog.pg_foreign_server s
JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw`,
	Attrs: []schema.Attr{
		{Name: "wrapper"},
		{Name: "type"},
		{Name: "version", Alter: func(_, new *schema.Object) []string {
			if !new.Has("version") {
				return list("ALTER SERVER %s VERSION NULL", new.ID.Name)
			}
			return list("ALTER SERVER %s VERSION %s", new.ID.Name, strings.TrimSpace(literal(new.Get("version"))))
		}},
		{Name: "options", Alter: alterForeignOptions("ALTER SERVER")},
	},
	Create: func(b schema.Built) []string {
		text := "CREATE SERVER " + b.ID.Name
		for _, f := range [][2]string{{" TYPE ", "type"}, {" VERSION ", "version"}} {
			if v := b.Get(f[1]); v != "" {
				text += f[0] + strings.TrimSpace(literal(v))
			}
		}
		return []string{text + " FOREIGN DATA WRAPPER " + b.Get("wrapper") + withForeignOptions(b.Object)}
	},
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER SERVER %s RENAME TO %s", old.ID.Name, new.ID.Name)
	},
}
