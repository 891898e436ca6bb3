package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// transforms change in place by CREATE OR REPLACE.
var transforms = &schema.Kind{
	Name: "transform",
	Query: `
SELECT 'pg_catalog.pg_transform'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,
       'for ' || format_type(t.trftype, NULL) || ' on language ' || quote_ident(l.lanname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       format_type(t.trftype, NULL) AS type, quote_ident(l.lanname) AS language,
       CASE WHEN t.trffromsql <> 0 THEN t.trffromsql::oid::regprocedure::text END AS from_sql,
       CASE WHEN t.trftosql <> 0 THEN t.trftosql::oid::regprocedure::text END AS to_sql
FROM pg_catalog.pg_transform t
JOIN pg_catalog.pg_language l ON l.oid = t.trflang`,
	Attrs: []schema.Attr{
		{Name: "type", Fact: true},
		{Name: "language", Fact: true},
		{Name: "from_sql", Alter: replaceTransform},
		{Name: "to_sql", Alter: replaceTransform},
	},
	Create: func(b schema.Built) []string { return transformStatement("CREATE", b.Object) },
	Ref: func(o *schema.Object) string {
		return "TRANSFORM FOR " + o.Get("type") + " LANGUAGE " + o.Get("language")
	},
}

func replaceTransform(_, new *schema.Object) []string {
	return transformStatement("CREATE OR REPLACE", new)
}

func transformStatement(verb string, o *schema.Object) []string {
	var parts []string
	if f := o.Get("from_sql"); f != "" {
		parts = append(parts, "FROM SQL WITH FUNCTION "+f)
	}
	if f := o.Get("to_sql"); f != "" {
		parts = append(parts, "TO SQL WITH FUNCTION "+f)
	}
	return []string{fmt.Sprintf("%s TRANSFORM FOR %s LANGUAGE %s (%s)", verb, o.Get("type"), o.Get("language"), strings.Join(parts, ", "))}
}
