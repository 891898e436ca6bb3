package kinds

import (
	"github.com/tvl-platform/plumb/schema"
)

// typeColumns begins the query of a kind of type: its address, its name, and
// the facts that typeFacts declares. The type is t, its schema n.
const typeColumns = `
SELECT 'pg_catalog.pg_type'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(t.typname) AS typname,
       quote_ident(CASE WHEN octet_length(t.typname::text) <= 53 AND NOT EXISTS (SELECT FROM pg_catalog.pg_type o WHERE o.typname = t.typname || '__replaced' AND o.typnamespace = t.typnamespace)
                   THEN t.typname || '__replaced' ELSE 'replaced_' || md5(t.typname) END) AS aside,`

// typeFacts begins the attributes of a kind of type. A type that is replaced
// while something uses it bears the name aside meanwhile.
func typeFacts(attrs ...schema.Attr) []schema.Attr {
	return append([]schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "typname", Fact: true},
		{Name: "aside", Fact: true},
	}, attrs...)
}

// typeName is the name that a type takes beside other types and the row types
// of relations.
func typeName(o *schema.Object) []string { return []string{"type " + o.ID.Name} }

// renameAside makes an Aside for a noun: ALTER TYPE … RENAME TO ….
func renameAside(noun string) func(*schema.Object) []string {
	return func(o *schema.Object) []string {
		return list("ALTER %s %s RENAME TO %s", noun, o.ID.Name, o.Get("aside"))
	}
}

// dropAside makes a DropAside for a noun.
func dropAside(noun string) func(*schema.Object) []string {
	return func(o *schema.Object) []string {
		return list("DROP %s %s.%s", noun, o.Get("schema"), o.Get("aside"))
	}
}
