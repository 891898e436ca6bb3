package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// extensions stand for all their members. Which version is installed is a
// matter of the server's packages and not compared.
var extensions = &schema.Kind{
	Name: "extension",
	Noun: "EXTENSION",
	Query: `
SELECT 'pg_catalog.pg_extension'::regclass::oid AS classid, e.oid AS objid, 0 AS objsubid,
       quote_ident(e.extname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, e.extrelocatable AS relocatable, e.extversion AS version,
       CASE WHEN e.extrelocatable THEN (SELECT string_agg(DISTINCT replace(m.name, E'\n', '\n'), E'\n') FROM (
         SELECT quote_ident(t.typname) AS name FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_type t ON d.classid = 'pg_catalog.pg_type'::regclass AND t.oid = d.objid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
         UNION ALL SELECT quote_ident(p.proname) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON d.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = d.objid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
         UNION ALL SELECT o.oprname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_operator o ON d.classid = 'pg_catalog.pg_operator'::regclass AND o.oid = d.objid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
         UNION ALL SELECT quote_ident(c.opcname) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_opclass c ON d.classid = 'pg_catalog.pg_opclass'::regclass AND c.oid = d.objid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
         UNION ALL SELECT quote_ident(f.opfname) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_opfamily f ON d.classid = 'pg_catalog.pg_opfamily'::regclass AND f.oid = d.objid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
         UNION ALL SELECT quote_ident(c.relname) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
         UNION ALL SELECT quote_ident(c.dictname) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_ts_dict c ON d.classid = 'pg_catalog.pg_ts_dict'::regclass AND c.oid = d.objid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e') m) END AS members
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'`,
	Attrs: []schema.Attr{
		{Name: "schema", Alter: func(old, new *schema.Object) []string {
			if !old.Is("relocatable") {
				return nil
			}
			return list("ALTER EXTENSION %s SET SCHEMA %s", new.ID.Name, new.Get("schema"))
		}, Moves: memberNames},
		{Name: "relocatable", Fact: true},
		{Name: "version", Fact: true},
		{Name: "members", Fact: true}, // the names in its schema
	},
	Create: func(b schema.Built) []string {
		return list("CREATE EXTENSION %s SCHEMA %s", b.ID.Name, b.Get("schema"))
	},
}

// memberNames lists the names of the members before and after a move.
func memberNames(old, new *schema.Object) [][2]string {
	var out [][2]string
	for _, name := range lines(old.Get("members")) {
		name = strings.ReplaceAll(name, `\n`, "\n")
		out = append(out, [2]string{old.Get("schema") + "." + name, new.Get("schema") + "." + name})
	}
	return out
}
