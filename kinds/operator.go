package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// operators that name each other as commutator or negator need no order: the
// server holds a place for one that is not there yet. A mere place is no object.
var operators = &schema.Kind{
	Name:    "operator",
	Noun:    "OPERATOR",
	Follows: true,
	Query: `
SELECT 'pg_catalog.pg_operator'::regclass::oid AS classid, o.oid AS objid, 0 AS objsubid,
       o.oid::regoperator::text AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) || '.' || o.oprname AS operator, quote_ident(n.nspname) AS schema, o.oprname,
       ` + functionName("o.oprcode::oid") + ` AS function,
       CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END AS leftarg,
       format_type(o.oprright, NULL) AS rightarg,
       (SELECT 'OPERATOR(' || quote_ident(cn.nspname) || '.' || c.oprname || ')' FROM pg_catalog.pg_operator c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprcom) AS commutator,
       (SELECT 'OPERATOR(' || quote_ident(cn.nspname) || '.' || c.oprname || ')' FROM pg_catalog.pg_operator c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprnegate) AS negator,
       ` + functionName("o.oprrest::oid") + ` AS restrict,
       ` + functionName("o.oprjoin::oid") + ` AS join,
       o.oprcanhash AS hashes, o.oprcanmerge AS merges
FROM pg_catalog.pg_operator o
JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprcode <> 0`,
	Attrs: []schema.Attr{
		{Name: "operator", Fact: true},
		{Name: "schema", Fact: true},
		{Name: "oprname", Fact: true},
		{Name: "function"},
		{Name: "leftarg", Fact: true},
		{Name: "rightarg", Fact: true},
		{Name: "commutator"},
		{Name: "negator"},
		{Name: "restrict", Alter: alterOperator("RESTRICT", "restrict")},
		{Name: "join", Alter: alterOperator("JOIN", "join")},
		{Name: "hashes"},
		{Name: "merges"},
	},
	Create: func(b schema.Built) []string {
		out := []string{"FUNCTION = " + b.Get("function")}
		for _, attr := range []string{"leftarg", "rightarg", "commutator", "negator", "restrict", "join"} {
			if v := b.Get(attr); v != "" {
				out = append(out, strings.ToUpper(attr)+" = "+v)
			}
		}
		for _, attr := range []string{"hashes", "merges"} {
			if b.Is(attr) {
				out = append(out, strings.ToUpper(attr))
			}
		}
		return list("CREATE OPERATOR %s (%s)", b.Get("operator"), strings.Join(out, ", "))
	},
	Rename: func(old, new *schema.Object) []string {
		if old.Get("oprname") != new.Get("oprname") {
			return nil // it moves, and keeps its name
		}
		return rename("OPERATOR", "oprname")(old, new)
	},
}

func alterOperator(option, attr string) func(old, new *schema.Object) []string {
	return func(_, new *schema.Object) []string {
		return list("%s", fmt.Sprintf("ALTER OPERATOR %s SET (%s = %s)", new.ID.Name, option, or(new.Get(attr), "NONE")))
	}
}
