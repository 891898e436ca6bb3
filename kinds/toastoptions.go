package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// toastOptions are the storage parameters of a table's TOAST table. The server
// makes that one once a column needs it and drops without a word what is set
// before, so the columns come first.
var toastOptions = &schema.Kind{
	Name: "toast options",
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, -2001 AS objsubid,
       'of ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       (SELECT string_agg(quote_ident(a.attname), E'\x1f' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT string_agg('toast.' || o, E'\n' ORDER BY o) FROM unnest(x.reloptions) o) AS options
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class x ON x.oid = c.reltoastrelid AND x.reloptions IS NOT NULL
WHERE c.relkind = 'r' AND c.relpersistence <> 't'`,
	Attrs: []schema.Attr{
		{Name: "columns", Fact: true},
		{Name: "options", Alter: func(old, new *schema.Object) []string {
			return setToastOptions(new, old.Get("options"), new.Get("options"))
		}},
	},
	Inside: []string{"table"},
	After: func(o *schema.Object) []schema.ID {
		var out []schema.ID
		for _, c := range strings.Split(o.Get("columns"), "\x1f") {
			out = append(out, schema.ID{Kind: "column", Name: o.Parent.Name + "." + c})
		}
		return out
	},
	Create: func(b schema.Built) []string { return setToastOptions(b.Object, "", b.Get("options")) },
	Drop:   func(o *schema.Object) []string { return setToastOptions(o, o.Get("options"), "") },
}

func setToastOptions(o *schema.Object, old, new string) []string {
	return setOptions("ALTER TABLE "+o.Parent.Name, old, new)
}
