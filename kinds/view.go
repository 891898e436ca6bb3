package kinds

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// views are ordinary views. CREATE OR REPLACE can change the query as long as
// the old columns stay as they are; anything else makes a view anew.
var views = &schema.Kind{
	Name:    "view",
	Noun:    "VIEW",
	Implies: impliedPrivileges("TABLES", grantOn("TABLE")),
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(c.relname) AS relname,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS column_names,
       (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
            || coalesce(' COLLATE ' || (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_catalog.pg_collation co
               JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation), ''), E'\n' ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT string_agg('NULL::' || format_type(a.atttypid, a.atttypmod)
            || coalesce(' COLLATE ' || (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_catalog.pg_collation co
               JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation), '') || ' AS ' || quote_ident(a.attname), ', ' ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS nulls,
       btrim(pg_get_viewdef(c.oid), ' ;') AS definition, ` + rowsByPosition + ` AS by_position,
       (SELECT string_agg(o, E'\n' ORDER BY o) FROM unnest(c.reloptions) o) AS options
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND c.relpersistence <> 't'`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "relname", Fact: true},
		{Name: "column_names", Fact: true},
		{Name: "columns", Alter: replaceView, Lists: true},
		{Name: "nulls", Fact: true},
		{Name: "definition", Printed: true, Alter: replaceView, Follows: true, Relabels: sameQuery, Gains: moreColumns},
		{Name: "by_position", Follows: true, Alter: replaceView},
		{Name: "options", Alter: func(old, new *schema.Object) []string {
			if old.Get("definition") != new.Get("definition") {
				return []string{} // CREATE OR REPLACE VIEW sets them too
			}
			return alterOptions("ALTER VIEW", "options")(old, new)
		}},
	},
	Create: func(b schema.Built) []string { return list("%s", viewStatement("CREATE VIEW", b.Object)) },
	Stub: func(o *schema.Object) []string {
		return list("CREATE OR REPLACE VIEW %s AS\nSELECT %s", o.ID.Name, o.Get("nulls"))
	},
	Fill:   func(o *schema.Object) []string { return list("%s", viewStatement("CREATE OR REPLACE VIEW", o)) },
	Rename: rename("VIEW", "relname"),
	Names:  rowName,
	Widens: func(old, new *schema.Object) bool {
		safe := func(o *schema.Object) bool {
			return contains(lines(o.Get("options")), "security_invoker=true") || contains(lines(o.Get("options")), "security_invoker=on")
		}
		return old != nil && new != nil && safe(old) && !safe(new)
	},
}

// rowsByPosition is SQL for the columns, in order, of the tables whose rows a
// function gives to the view c. The text of the view names them by position, so
// that in a table with another order it would mean others: no statement mends that.
const rowsByPosition = `(SELECT string_agg(DISTINCT r.oid::regclass || l.names || ')', E'\n') FROM pg_catalog.pg_rewrite w
           JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_catalog.pg_proc'::regclass
           JOIN pg_catalog.pg_proc f ON f.oid = d.refobjid
           JOIN pg_catalog.pg_type t ON t.oid = f.prorettype
           JOIN pg_catalog.pg_class r ON r.oid = t.typrelid AND r.relkind IN ('r', 'p')
           CROSS JOIN LATERAL (SELECT '(' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS names
             FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped) l
           WHERE w.ev_class = c.oid AND position(l.names IN pg_get_viewdef(c.oid)) > 0)`

// replaceView changes a view in place if the old columns are a prefix of the
// new ones, as CREATE OR REPLACE VIEW demands.
func replaceView(old, new *schema.Object) []string {
	if !strings.HasPrefix(new.Get("columns")+"\n", old.Get("columns")+"\n") {
		return nil
	}
	return list("%s", viewStatement("CREATE OR REPLACE VIEW", new))
}

// viewStatement writes a view with its column names, which the query alone
// does not always give.
func viewStatement(verb string, o *schema.Object) string {
	with := ""
	if opts := o.Get("options"); opts != "" {
		with = " WITH (" + options(opts) + ")"
	}
	return fmt.Sprintf("%s %s%s%s AS\n%s", verb, o.ID.Name, columnNames(o), with, o.Get("definition"))
}

// columnNames writes the names of a view's columns, if it has any.
func columnNames(o *schema.Object) string {
	if c := o.Get("column_names"); c != "" {
		return " (" + c + ")"
	}
	return ""
}

// label is what names a column in the server's text of a query; a column that
// is called as what it is has none.
var label = regexp.MustCompile(` AS ("(?:[^"]|"")+"|[\pL_][\pL\pN_$]*)`)

// sameQuery reports whether the queries of two views are one but for what they
// call the views' columns.
func sameQuery(old, new *schema.Object) bool { return unlabeled(old) == unlabeled(new) }

// moreColumns reports whether they are but for that and for what stands in one place
// of the new one, as columns at the end of the list do.
func moreColumns(old, new *schema.Object) bool {
	had, has := columnTypes(old), columnTypes(new)
	if len(had) >= len(has) || !slices.Equal(had, has[:len(had)]) {
		return false
	}
	was, is := unlabeled(old), unlabeled(new)
	for was != "" && is != "" && was[0] == is[0] {
		was, is = was[1:], is[1:]
	}
	return strings.HasSuffix(is, was)
}

// columnTypes lists the types of a view's columns.
func columnTypes(o *schema.Object) []string {
	out, names := lines(o.Get("columns")), strings.Split(o.Get("column_names"), ", ")
	for i := range min(len(out), len(names)) {
		out[i] = strings.TrimPrefix(out[i], names[i])
	}
	return out
}

func unlabeled(o *schema.Object) string {
	names := strings.Split(o.Get("column_names"), ", ")
	return label.ReplaceAllStringFunc(o.Get("definition"), func(as string) string {
		if contains(names, strings.TrimPrefix(as, " AS ")) {
			return ""
		}
		return as
	})
}
