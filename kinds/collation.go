package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// collations cannot be changed; what is collated by one moves to its
// successor. The version that the server noted of the library is not compared:
// it says what was installed, not what was asked for. PostgreSQL 14 keeps an
// ICU locale in collcollate, later ones in a column of its own.
var collations = &schema.Kind{
	Name: "collation",
	Noun: "COLLATION",
	Query: `
SELECT 'pg_catalog.pg_collation'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.collname) AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(c.collname) AS collname,
       quote_ident(CASE WHEN octet_length(c.collname::text) <= 53 THEN c.collname || '__replaced' ELSE 'replaced_' || md5(c.collname) END) AS aside,
       CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' WHEN 'd' THEN 'default' END AS provider,
       CASE WHEN c.collprovider IN ('i', 'b') THEN c.colllocale END AS locale, -- 17+
       CASE WHEN c.collprovider = 'i' THEN coalesce(to_jsonb(c) ->> 'colliculocale', to_jsonb(c) ->> 'collcollate') END AS locale, -- <17
       CASE WHEN c.collprovider = 'c' THEN c.collcollate END AS lc_collate,
       CASE WHEN c.collprovider = 'c' THEN c.collctype END AS lc_ctype,
       c.collisdeterministic AS deterministic,
       c.collicurules AS rules -- 16+
       NULL AS rules -- <16
FROM pg_catalog.pg_collation c
JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "collname", Fact: true},
		{Name: "aside", Fact: true},
		{Name: "provider"},
		{Name: "locale"},
		{Name: "lc_collate"},
		{Name: "lc_ctype"},
		{Name: "deterministic"},
		{Name: "rules"},
	},
	Create:    createCollation,
	Rename:    rename("COLLATION", "collname"),
	Sought:    true,
	Aside:     renameAside("COLLATION"),
	DropAside: dropAside("COLLATION"),
}

func createCollation(b schema.Built) []string {
	opts := []string{"provider = " + b.Get("provider")}
	switch {
	case b.Get("provider") != "libc":
		opts = append(opts, "locale = "+text(b.Get("locale")))
	case b.Get("lc_collate") == b.Get("lc_ctype"):
		opts = append(opts, "locale = "+text(b.Get("lc_collate")))
	default:
		opts = append(opts, "lc_collate = "+text(b.Get("lc_collate")), "lc_ctype = "+text(b.Get("lc_ctype")))
	}
	if !b.Is("deterministic") {
		opts = append(opts, "deterministic = false")
	}
	if r := b.Get("rules"); r != "" {
		opts = append(opts, "rules = "+text(r))
	}
	return list("CREATE COLLATION %s (%s)", b.ID.Name, strings.Join(opts, ", "))
}

// text quotes text as an SQL string, without the space that literal leaves
// before an E.
func text(s string) string { return strings.TrimSpace(literal(s)) }
