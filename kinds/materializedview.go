package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// materializedViews have no CREATE OR REPLACE: another query makes one anew.
var materializedViews = &schema.Kind{
	Name:    "materialized view",
	Noun:    "MATERIALIZED VIEW",
	Implies: impliedPrivileges("TABLES", grantOn("TABLE")),
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(c.relname) AS relname,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS column_names,
       (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) || coalesce(' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname), ''), E'\n' ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation AND co.oid <> t.typcollation
          LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       btrim(pg_get_viewdef(c.oid), ' ;') AS definition, ` + rowsByPosition + ` AS by_position,
       CASE WHEN am.amname <> 'heap' THEN quote_ident(am.amname) END AS access_method,
       quote_ident(t.spcname) AS tablespace,
       (SELECT string_agg(o, E'\n' ORDER BY o) FROM (SELECT unnest(c.reloptions) UNION ALL SELECT 'toast.' || unnest(x.reloptions)) s(o)) AS options,
       c.relispopulated AS populated
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_class x ON x.oid = c.reltoastrelid AND x.reloptions IS NOT NULL
WHERE c.relkind = 'm'`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "relname", Fact: true},
		{Name: "column_names", Fact: true},
		{Name: "columns", Lists: true},
		{Name: "definition", Printed: true, Follows: true, Relabels: sameQuery},
		{Name: "by_position", Follows: true},
		{Name: "access_method"},
		{Name: "tablespace", Alter: func(_, new *schema.Object) []string {
			return list("ALTER MATERIALIZED VIEW %s SET TABLESPACE %s", new.ID.Name, or(new.Get("tablespace"), "pg_default"))
		}},
		{Name: "options", Alter: alterOptions("ALTER MATERIALIZED VIEW", "options")},
		{Name: "populated", Alter: func(_, new *schema.Object) []string {
			return list("REFRESH MATERIALIZED VIEW %s%s", new.ID.Name, withNoData(new))
		}},
	},
	Create: func(b schema.Built) []string {
		var s strings.Builder
		s.WriteString("CREATE MATERIALIZED VIEW " + b.ID.Name + columnNames(b.Object))
		s.WriteString(tableTail(b))
		s.WriteString(" AS\n" + b.Get("definition") + withNoData(b.Object))
		return []string{s.String()}
	},
	Rename: rename("MATERIALIZED VIEW", "relname"),
	Names:  rowName,
}

func withNoData(o *schema.Object) string {
	if o.Is("populated") {
		return ""
	}
	return " WITH NO DATA"
}
