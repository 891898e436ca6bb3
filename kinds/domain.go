package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// domainContained says whether an array, a composite type or a range holds the
// domain t, or a domain over it.
const domainContained = `t.oid IN (
         WITH RECURSIVE held AS (
           SELECT h.oid FROM pg_catalog.pg_type h JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (h.oid, h.typarray)
           WHERE h.typtype = 'd' AND d.deptype = 'n'
                 AND (d.refobjid = h.typarray AND d.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass)
                      OR d.refobjid = h.oid AND d.classid = 'pg_catalog.pg_type'::regclass AND EXISTS (SELECT FROM pg_catalog.pg_range r WHERE r.rngtypid = d.objid)
                      OR d.refobjid = h.oid AND d.classid = 'pg_catalog.pg_class'::regclass AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = d.objid AND c.relkind = 'c'))
           UNION SELECT o.typbasetype FROM held JOIN pg_catalog.pg_type o ON o.oid = held.oid AND o.typtype = 'd')
         SELECT oid FROM held)`

// domains are types with a base type and conditions. What the values of a
// domain are cannot be changed; the domain is then made anew, and so it is
// where a condition is added while an array, a composite type or a range holds
// the domain, for the server does not look into those.
var domains = &schema.Kind{
	Name:    "domain",
	Noun:    "DOMAIN",
	Follows: true,
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
	Rename:    renameDomain,
	Sought:    true,
	Aside:     domainAside,
	DropAside: dropAside("DOMAIN"),
	Names: func(o *schema.Object) []string {
		if n := o.Get("not_null_constraint"); n != "" {
			return append(typeName(o), "constraint "+n+" on domain "+o.ID.Name)
		}
		return typeName(o)
	},
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

// renameDomain gives the NOT NULL its new name too.
func renameDomain(old, new *schema.Object) []string {
	out := rename("DOMAIN", "typname")(old, new)
	if out == nil {
		return nil
	}
	return append(out, renameDomainNotNull(old, new)...)
}

// domainAside renames the NOT NULL too where it has the usual name, which the
// server gives to one alone in a schema: the successor's would get another.
func domainAside(o *schema.Object) []string {
	out := renameAside("DOMAIN")(o)
	if n := o.Get("not_null_constraint"); n != "" && !o.Has("not_null_name") {
		out = append(out, fmt.Sprintf("ALTER DOMAIN %s.%s RENAME CONSTRAINT %s TO %[2]s", o.Get("schema"), o.Get("aside"), n))
	}
	return out
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
	if !old.Is("not_null") || !new.Is("not_null") || old.Get("not_null_constraint") == new.Get("not_null_constraint") {
		return []string{} // it comes with its name, or has it already
	}
	return list("ALTER DOMAIN %s RENAME CONSTRAINT %s TO %s", new.ID.Name, old.Get("not_null_constraint"), new.Get("not_null_constraint"))
}
