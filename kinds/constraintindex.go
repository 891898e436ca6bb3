package kinds

import (
	"fmt"

	"github.com/tvl-platform/plumb/schema"
)

// constraintIndexes are the indexes behind primary keys, unique and exclusion
// constraints. They come and go with the constraint; foreign keys need them,
// comments hang on them, and they have settings of their own; those of a
// partitioned table's stand in the constraint's definition, since they cannot
// be changed.
var constraintIndexes = &schema.Kind{
	Name: "constraint index",
	Noun: "INDEX",
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, i.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(i.relname) AS name,
       'pg_catalog.pg_constraint'::regclass::oid AS pclassid, k.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(ts.spcname) AS tablespace,
       (SELECT string_agg(o, E'\n' ORDER BY o) FROM unnest(i.reloptions) o WHERE i.relkind <> 'I') AS options,
       (SELECT string_agg(a.attnum || '=' || a.attstattarget, E'\n' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE x.indexprs IS NOT NULL AND a.attrelid = i.oid AND a.attstattarget >= 0) AS statistics
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_index x ON x.indexrelid = k.conindid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = i.reltablespace
WHERE k.contype IN ('p', 'u', 'x') AND c.relpersistence <> 't'`,
	Attrs: []schema.Attr{
		{Name: "tablespace", Alter: func(_, new *schema.Object) []string {
			return list("ALTER INDEX %s SET TABLESPACE %s", new.ID.Name, or(new.Get("tablespace"), "pg_default"))
		}},
		{Name: "options", Alter: alterOptions("ALTER INDEX", "options")},
		{Name: "statistics", Alter: alterIndexStatistics},
	},
	Inside:    []string{"constraint"},
	CanInside: func(o *schema.Object) bool { return len(afterConstraint(o)) == 0 },
	Create:    func(b schema.Built) []string { return afterConstraint(b.Object) },
	Drop:      func(*schema.Object) []string { return nil }, // with its constraint
}

// afterConstraint writes what ADD CONSTRAINT does not say about its index.
func afterConstraint(o *schema.Object) []string {
	var out []string
	if t := o.Get("tablespace"); t != "" {
		out = append(out, fmt.Sprintf("ALTER INDEX %s SET TABLESPACE %s", o.ID.Name, t))
	}
	if opts := o.Get("options"); opts != "" {
		out = append(out, fmt.Sprintf("ALTER INDEX %s SET (%s)", o.ID.Name, options(opts)))
	}
	return append(out, alterIndexStatistics(&schema.Object{}, o)...)
}
