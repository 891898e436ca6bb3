package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// domainContained says whether an array, a composite type or a range holds the
// domain t.
const domainContained = `EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.deptype = 'n'
               AND (d.refobjid = t.typarray AND d.classid = 'pg_catalog.pg_class'::regclass
                    OR d.refobjid = t.oid AND d.classid = 'pg_catalog.pg_type'::regclass AND EXISTS (SELECT FROM pg_catalog.pg_range r WHERE r.rngtypid = d.objid)
                    OR d.refobjid = t.oid AND d.classid = 'pg_catalog.pg_class'::regclass AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = d.objid AND c.relkind = 'c')))`

// domains are types with a base type and conditions. What the values of a
// domain are cannot be changed; the domain is then made anew, and so it is
// where a condition is added while an array, a composite type or a range holds
// the domain, for the server does not look into those.
var domains = &schema.Kind{
	Name:    "domain",
	Noun:    "DOMAIN",
	Implies: impliedPrivileges("TYPES", grantOn("TYPE")),
	Query: typeColumns + `
       format_type(t.typbasetype, t.typtypmod) AS base,
       CASE WHEN t.typcollation <> b.typcollation THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_catalog.pg_collation co
            JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = t.typcollation) END AS collation,
       t.typnotnull AS not_null,
       (SELECT CASE WHEN k.conname <> t.typname || '_not_null' THEN quote_ident(k.conname) END FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'n') AS not_null_name, -- 17+
       (SELECT quote_ident(k.conname) FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'n') AS not_null_constraint, -- 17+
       ` + domainContained + ` AS contained
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
WHERE t.typtype = 'd'`,
	Attrs: typeFacts(
		schema.Attr{Name: "base"},
		schema.Attr{Name: "collation"},
		schema.Attr{Name: "not_null", Alter: alterDomainNotNull},
		schema.Attr{Name: "not_null_name", Alter: renameDomainNotNull},
		schema.Attr{Name: "not_null_constraint", Fact: true},
		schema.Attr{Name: "contained", Fact: true},
	),
	Create:    createDomain,
	Rename:    renameType("DOMAIN"),
	Aside:     renameAside("DOMAIN"),
	DropAside: dropAside("DOMAIN"),
	Names:     typeName,
}

func createDomain(b schema.Built) []string {
	parts := list("CREATE DOMAIN %s AS %s", b.ID.Name, b.Get("base"))
	if c := b.Get("collation"); c != "" {
		parts[0] += " COLLATE " + c
	}
	if d := b.Part("domain default"); d != nil {
		parts[0] += " DEFAULT " + d.Get("expression")
	}
	if b.Is("not_null") {
		parts[0] += domainNotNull(b.Object)
	}
	for _, p := range b.Parts {
		if p.ID.Kind == "domain constraint" {
			parts = append(parts, "CONSTRAINT "+p.Get("constraint")+" "+p.Get("definition"))
		}
	}
	return list("%s", strings.Join(parts, "\n    "))
}

// domainNotNull writes the mark with its name, if that is not the usual one.
func domainNotNull(o *schema.Object) string {
	if n := o.Get("not_null_name"); n != "" {
		return " CONSTRAINT " + n + " NOT NULL"
	}
	return " NOT NULL"
}

func alterDomainNotNull(old, new *schema.Object) []string {
	switch {
	case !new.Is("not_null"):
		return list("ALTER DOMAIN %s DROP NOT NULL", new.ID.Name)
	case old.Is("contained"):
		return nil
	case new.Has("not_null_name"):
		return list("ALTER DOMAIN %s ADD%s", new.ID.Name, domainNotNull(new))
	}
	return list("ALTER DOMAIN %s SET NOT NULL", new.ID.Name)
}

func renameDomainNotNull(old, new *schema.Object) []string {
	if !old.Is("not_null") || !new.Is("not_null") {
		return []string{} // it comes with its name
	}
	return list("ALTER DOMAIN %s RENAME CONSTRAINT %s TO %s", new.ID.Name, old.Get("not_null_constraint"), new.Get("not_null_constraint"))
}
