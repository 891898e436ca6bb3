package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// statistics are extended statistics. What the server prints begins with the
// words CREATE STATISTICS and the name; they are cut off by their length. It lists
// columns by their numbers, which differ between tables that are the same; they
// are sorted by name.
var statistics = &schema.Kind{
	Name:    "statistics object",
	Noun:    "STATISTICS",
	Follows: true,
	Forgets: func(*schema.Object) bool { return true }, // its target and its owner
	Query: `
SELECT 'pg_catalog.pg_statistic_ext'::regclass::oid AS classid, s.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(s.stxname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, s.stxrelid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(s.stxname) AS stxname,
       replace(substr(pg_get_statisticsobjdef(s.oid), length('CREATE STATISTICS ' || quote_ident(n.nspname) || '.' || quote_ident(s.stxname)) + 1),
               ' ON ' || k.numbered, ' ON ' || k.named) AS definition,
       CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END AS target
FROM pg_catalog.pg_statistic_ext s
JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
CROSS JOIN LATERAL (
  SELECT coalesce(string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), '') AS numbered, coalesce(string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname), '') AS named
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys)) k`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "stxname", Fact: true},
		{Name: "definition", Printed: true},
		{Name: "target", Alter: func(_, new *schema.Object) []string { return statisticsTarget(new, or(new.Get("target"), "-1")) }},
	},
	Create: func(b schema.Built) []string {
		out := list("CREATE STATISTICS %s %s", b.ID.Name, strings.TrimSpace(b.Get("definition")))
		if t := b.Get("target"); t != "" {
			out = append(out, statisticsTarget(b.Object, t)...)
		}
		return out
	},
	Rename: rename("STATISTICS", "stxname"),
}

func statisticsTarget(o *schema.Object, target string) []string {
	return []string{fmt.Sprintf("ALTER STATISTICS %s SET STATISTICS %s", o.ID.Name, target)}
}
