package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// operatorClasses list the operators and functions that cannot be without
// them; the others are loose members of the family.
var operatorClasses = &schema.Kind{
	Name:    "operator class",
	Noun:    "OPERATOR CLASS",
	Follows: true,
	Rename:  renameOfMethod("OPERATOR CLASS", "opcname"),
	Sought:  true,
	Query: `
SELECT 'pg_catalog.pg_opclass'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.opcname) || ' USING ' || quote_ident(a.amname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) || '.' || quote_ident(c.opcname) AS class, quote_ident(n.nspname) AS schema, quote_ident(c.opcname) AS opcname, quote_ident(a.amname) AS method,
       CASE WHEN c.opcdefault THEN 'DEFAULT ' END AS default,
       format_type(c.opcintype, NULL) AS type,
       quote_ident(fn.nspname) || '.' || quote_ident(f.opfname) AS family,
       CASE WHEN c.opckeytype NOT IN (0, c.opcintype) THEN format_type(c.opckeytype, NULL) END AS storage,
       (SELECT string_agg('OPERATOR ' || m.amopstrategy || ' ' || ` + memberOperator + `, E'\n' ORDER BY m.amopstrategy, m.amopopr::regoperator::text)
          FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_amop m ON m.oid = d.objid
         WHERE d.refclassid = 'pg_catalog.pg_opclass'::regclass AND d.refobjid = c.oid AND d.classid = 'pg_catalog.pg_amop'::regclass AND d.deptype = 'i') AS operators,
       (SELECT string_agg('FUNCTION ' || m.amprocnum || ' (' || format_type(m.amproclefttype, NULL) || ', ' || format_type(m.amprocrighttype, NULL) || ') ' || m.amproc::oid::regprocedure::text, E'\n' ORDER BY m.amprocnum)
          FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_amproc m ON m.oid = d.objid
         WHERE d.refclassid = 'pg_catalog.pg_opclass'::regclass AND d.refobjid = c.oid AND d.classid = 'pg_catalog.pg_amproc'::regclass AND d.deptype = 'i') AS functions
FROM pg_catalog.pg_opclass c
JOIN pg_catalog.pg_am a ON a.oid = c.opcmethod
JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace`,
	Attrs: []schema.Attr{
		{Name: "class", Fact: true},
		{Name: "schema", Fact: true},
		{Name: "opcname", Fact: true},
		{Name: "method", Fact: true},
		{Name: "default"},
		{Name: "type"},
		{Name: "family"},
		{Name: "storage"},
		{Name: "operators"},
		{Name: "functions"},
	},
	Create: func(b schema.Built) []string {
		var items []string
		if s := b.Get("storage"); s != "" {
			items = []string{"STORAGE " + s}
		}
		items = append(append(items, lines(b.Get("operators"))...), lines(b.Get("functions"))...)
		if len(items) == 0 {
			items = []string{"STORAGE " + b.Get("type")} // there must be something, and this says nothing
		}
		return list("CREATE OPERATOR CLASS %s %sFOR TYPE %s USING %s FAMILY %s AS\n    %s",
			b.Get("class"), b.Get("default"), b.Get("type"), b.Get("method"), b.Get("family"), strings.Join(items, ",\n    "))
	},
}
