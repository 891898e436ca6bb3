package kinds

import "github.com/tvl-platform/plumb/schema"

var operatorFamilies = &schema.Kind{
	Name: "operator family",
	Noun: "OPERATOR FAMILY",
	Query: `
SELECT 'pg_catalog.pg_opfamily'::regclass::oid AS classid, f.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(a.amname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(f.opfname) AS opfname, quote_ident(a.amname) AS method
FROM pg_catalog.pg_opfamily f
JOIN pg_catalog.pg_am a ON a.oid = f.opfmethod
JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "opfname", Fact: true},
		{Name: "method", Fact: true},
	},
	Create: func(b schema.Built) []string { return list("CREATE OPERATOR FAMILY %s", b.ID.Name) },
	Rename: renameOfMethod("OPERATOR FAMILY", "opfname"),
	Sought: true,
}

// renameOfMethod makes a Rename for what an access method has: it keeps that.
func renameOfMethod(noun, attr string) func(old, new *schema.Object) []string {
	return func(old, new *schema.Object) []string {
		if old.Get("method") != new.Get("method") {
			return nil
		}
		return rename(noun, attr)(old, new)
	}
}

// familyOperators and familyFunctions are the loose members of a family: those
// that are in it but in no class.
var familyOperators = &schema.Kind{
	Name:    "operator of access method",
	Follows: true,
	Query: `
SELECT 'pg_catalog.pg_amop'::regclass::oid AS classid, m.oid AS objid, 0 AS objsubid,
       'operator ' || m.amopstrategy || ' (' || format_type(m.amoplefttype, NULL) || ', ' || format_type(m.amoprighttype, NULL) || ') of '
         || quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(a.amname) AS name,
       'pg_catalog.pg_opfamily'::regclass::oid AS pclassid, f.oid AS pobjid, 0 AS pobjsubid, m.amopstrategy AS ord,
       'OPERATOR ' || m.amopstrategy AS member, '(' || format_type(m.amoplefttype, NULL) || ', ' || format_type(m.amoprighttype, NULL) || ')' AS arguments,
       ` + memberOperator + ` AS does
FROM pg_catalog.pg_amop m
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_amop'::regclass AND d.objid = m.oid AND d.refclassid = 'pg_catalog.pg_opfamily'::regclass AND d.refobjid = m.amopfamily AND d.deptype = 'a'
JOIN pg_catalog.pg_opfamily f ON f.oid = m.amopfamily
JOIN pg_catalog.pg_am a ON a.oid = f.opfmethod
JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace`,
	Attrs: []schema.Attr{
		{Name: "member", Fact: true},
		{Name: "arguments", Fact: true},
		{Name: "does"},
	},
	Create: addMember,
	Drop:   dropMember,
}

var familyFunctions = &schema.Kind{
	Name:    "function of access method",
	Follows: true,
	Query: `
SELECT 'pg_catalog.pg_amproc'::regclass::oid AS classid, m.oid AS objid, 0 AS objsubid,
       'function ' || m.amprocnum || ' (' || format_type(m.amproclefttype, NULL) || ', ' || format_type(m.amprocrighttype, NULL) || ') of '
         || quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(a.amname) AS name,
       'pg_catalog.pg_opfamily'::regclass::oid AS pclassid, f.oid AS pobjid, 0 AS pobjsubid, m.amprocnum AS ord,
       'FUNCTION ' || m.amprocnum AS member, '(' || format_type(m.amproclefttype, NULL) || ', ' || format_type(m.amprocrighttype, NULL) || ')' AS arguments,
       '(' || format_type(m.amproclefttype, NULL) || ', ' || format_type(m.amprocrighttype, NULL) || ') ' || m.amproc::oid::regprocedure::text AS does
FROM pg_catalog.pg_amproc m
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_amproc'::regclass AND d.objid = m.oid AND d.refclassid = 'pg_catalog.pg_opfamily'::regclass AND d.refobjid = m.amprocfamily AND d.deptype = 'a'
JOIN pg_catalog.pg_opfamily f ON f.oid = m.amprocfamily
JOIN pg_catalog.pg_am a ON a.oid = f.opfmethod
JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace`,
	Attrs: []schema.Attr{
		{Name: "member", Fact: true},
		{Name: "arguments", Fact: true},
		{Name: "does"},
	},
	Create: addMember,
	Drop:   dropMember,
}

// memberOperator prints the operator of a pg_amop m, and what it sorts by.
const memberOperator = `m.amopopr::regoperator::text || coalesce(' FOR ORDER BY ' ||
         (SELECT quote_ident(sn.nspname) || '.' || quote_ident(s.opfname) FROM pg_catalog.pg_opfamily s JOIN pg_catalog.pg_namespace sn ON sn.oid = s.opfnamespace WHERE s.oid = m.amopsortfamily), '')`

func addMember(b schema.Built) []string {
	return list("ALTER OPERATOR FAMILY %s ADD %s %s", b.Parent.Name, b.Get("member"), b.Get("does"))
}

func dropMember(o *schema.Object) []string {
	return list("ALTER OPERATOR FAMILY %s DROP %s %s", o.Parent.Name, o.Get("member"), o.Get("arguments"))
}
