package kinds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// publications say which changes are published; what of, unless of all tables,
// their relations and schemas say.
var publications = &schema.Kind{
	Name: "publication",
	Noun: "PUBLICATION",
	Query: `
SELECT 'pg_catalog.pg_publication'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid,
       quote_ident(p.pubname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       p.puballtables AS all_tables,
       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                 CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,
       CASE p.pubgencols WHEN 's' THEN 'stored' ELSE 'none' END AS publish_generated_columns, -- 18+
       'none' AS publish_generated_columns, -- <18
       p.pubviaroot AS publish_via_partition_root
FROM pg_catalog.pg_publication p`,
	Attrs: []schema.Attr{
		{Name: "all_tables"},
		{Name: "publish", Alter: alterPublication("publish")},
		{Name: "publish_generated_columns", Alter: alterPublication("publish_generated_columns")},
		{Name: "publish_via_partition_root", Alter: alterPublication("publish_via_partition_root")},
	},
	Create: func(b schema.Built) []string {
		text := "CREATE PUBLICATION " + b.ID.Name
		if b.Is("all_tables") {
			text += " FOR ALL TABLES"
		}
		return []string{text + withOptions(b.Object, []optionDefault{
			{"publish", "insert, update, delete, truncate"}, {"publish_generated_columns", "none"}, {"publish_via_partition_root", "f"}})}
	},
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER PUBLICATION %s RENAME TO %s", old.ID.Name, new.ID.Name)
	},
}

func alterPublication(attr string) func(old, new *schema.Object) []string {
	return func(_, new *schema.Object) []string {
		return list("ALTER PUBLICATION %s SET (%s)", new.ID.Name, withOption(new, attr))
	}
}

// optionDefault is an option that is an attribute too, and what it is if
// nobody says so.
type optionDefault struct{ attr, value string }

// withOptions writes WITH (…) for the options that are not as by default.
func withOptions(o *schema.Object, opts []optionDefault, more ...string) string {
	out := more
	for _, d := range opts {
		if v := o.Get(d.attr); slices.Contains(o.Attrs.Names, d.attr) && v != d.value {
			out = append(out, withOption(o, d.attr))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " WITH (" + strings.Join(out, ", ") + ")"
}

// withOption writes one option; Booleans in words.
func withOption(o *schema.Object, attr string) string {
	switch v := o.Get(attr); v {
	case "t":
		return attr + " = true"
	case "f":
		return attr + " = false"
	default:
		return attr + " = " + strings.TrimSpace(literal(v))
	}
}

// publicationTables are the tables of a publication, with the columns and the
// rows that are published.
var publicationTables = &schema.Kind{
	Name:    "publication relation",
	Follows: true,
	Query: `
SELECT 'pg_catalog.pg_publication_rel'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' in publication ' || quote_ident(p.pubname) AS name,
       'pg_catalog.pg_publication'::regclass::oid AS pclassid, p.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs::int2[])) AS columns, -- 15+
       pg_get_expr(r.prqual, r.prrelid) AS filter, -- 15+
       NULL AS columns, NULL AS filter, -- <15
       quote_ident(p.pubname) AS publication
FROM pg_catalog.pg_publication_rel r
JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
	Attrs: []schema.Attr{
		{Name: "table", Fact: true},
		{Name: "columns"},
		{Name: "filter", Printed: true},
		{Name: "publication", Fact: true},
	},
	Create: func(b schema.Built) []string {
		text := fmt.Sprintf("ALTER PUBLICATION %s ADD TABLE ONLY %s", b.Get("publication"), b.Get("table"))
		if c := b.Get("columns"); c != "" {
			text += " (" + c + ")"
		}
		if f := b.Get("filter"); f != "" {
			text += " WHERE (" + f + ")"
		}
		return []string{text}
	},
	Drop: func(o *schema.Object) []string {
		return list("ALTER PUBLICATION %s DROP TABLE ONLY %s", o.Get("publication"), o.Get("table"))
	},
}

// publicationSchemas are the schemas all tables of which are published.
var publicationSchemas = &schema.Kind{
	Name: "publication namespace",
	Query: `
SELECT 'pg_catalog.pg_publication_namespace'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid, -- 15+
SELECT NULL::oid AS classid, r.oid AS objid, 0 AS objsubid, -- <15
       'schema ' || quote_ident(n.nspname) || ' in publication ' || quote_ident(p.pubname) AS name,
       'pg_catalog.pg_publication'::regclass::oid AS pclassid, p.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(p.pubname) AS publication
FROM pg_catalog.pg_publication_namespace r -- 15+
FROM (SELECT 0::oid AS oid, 0::oid AS pnpubid, 0::oid AS pnnspid WHERE false) r -- <15
JOIN pg_catalog.pg_publication p ON p.oid = r.pnpubid
JOIN pg_catalog.pg_namespace n ON n.oid = r.pnnspid`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "publication", Fact: true},
	},
	Create: func(b schema.Built) []string {
		return list("ALTER PUBLICATION %s ADD TABLES IN SCHEMA %s", b.Get("publication"), b.Get("schema"))
	},
	Drop: func(o *schema.Object) []string {
		return list("ALTER PUBLICATION %s DROP TABLES IN SCHEMA %s", o.Get("publication"), o.Get("schema"))
	},
}
