package kinds

import "github.com/tvl-platform/plumb/schema"

// extensionDependencies make an object go down with an extension that it is no
// member of: ALTER … DEPENDS ON EXTENSION, pg_depend's deptype "x".
var extensionDependencies = &schema.Kind{
	Name: "extension dependency",
	Query: `
SELECT d.classid, d.objid, 0 AS objsubid, quote_ident(e.extname) AS name,
       d.classid AS pclassid, d.objid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(e.extname) AS extension
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'x'`,
	// It alone needs the extension; what it hangs on can be let go.
	Depends: `
SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid, '-'
FROM pg_catalog.pg_depend WHERE refclassid = 'pg_catalog.pg_extension'::regclass AND deptype = 'x'`,
	Hangs: true,
	Attrs: []schema.Attr{
		{Name: "on", Fact: true},
		{Name: "extension", Fact: true},
	},
	Relies: func(o *schema.Object, _ *schema.Snapshot) (needs, with []schema.ID) {
		return []schema.ID{{Kind: extensions.Name, Name: o.Get("extension")}}, nil
	},
	Create: func(b schema.Built) []string {
		return list("ALTER %s DEPENDS ON EXTENSION %s", b.Get("on"), b.Get("extension"))
	},
	Drop: func(o *schema.Object) []string {
		return list("ALTER %s NO DEPENDS ON EXTENSION %s", o.Get("on"), o.Get("extension"))
	},
}
