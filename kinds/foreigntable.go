package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// foreignTables hold no rows of their own.
var foreignTables = &schema.Kind{
	Name:    "foreign table",
	Noun:    "FOREIGN TABLE",
	Follows: true,
	Implies: impliedPrivileges("TABLES", grantOn("TABLE")),
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(c.relname) AS relname,
       quote_ident(s.srvname) AS server,
       ` + foreignOptions("f.ftoptions") + ` AS options
FROM pg_catalog.pg_foreign_table f
JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "relname", Fact: true},
		{Name: "server"},
		{Name: "options", Alter: alterForeignOptions("ALTER FOREIGN TABLE")},
	},
	Create: func(b schema.Built) []string {
		out := []string{foreignTableStatement(b)}
		for _, p := range b.Parts {
			if p.ID.Kind == "column" {
				out = append(append(out, foreignOptionsOf(p)...), afterColumn(p.Object)...)
			}
		}
		return out
	},
	Rename: rename("FOREIGN TABLE", "relname"),
	Names:  rowName,
}

func foreignTableStatement(b schema.Built) string {
	text := "CREATE FOREIGN TABLE " + b.ID.Name
	body := parenthesized(tableBody(b))
	switch p := b.Part("partition"); {
	case p != nil:
		text += " PARTITION OF " + p.Get("of") + body + "\n" + p.Get("bound")
	case body == "":
		text += " ()"
	default:
		text += body
	}
	if in := parents(b); len(in) > 0 {
		text += "\nINHERITS (" + strings.Join(in, ", ") + ")"
	}
	return text + "\nSERVER " + b.Get("server") + withForeignOptions(b.Object)
}
