package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// textSearchParsers and textSearchTemplates cannot be altered.
var textSearchParsers = &schema.Kind{
	Name:    "text search parser",
	Noun:    "TEXT SEARCH PARSER",
	Follows: true,
	Rename:  rename("TEXT SEARCH PARSER", "prsname"),
	Sought:  true,
	Query: `
SELECT 'pg_catalog.pg_ts_parser'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(p.prsname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(p.prsname) AS prsname,
       ` + functionName("p.prsstart::oid") + ` AS start, ` + functionName("p.prstoken::oid") + ` AS gettoken,
       ` + functionName("p.prsend::oid") + ` AS end, ` + functionName("p.prslextype::oid") + ` AS lextypes,
       ` + functionName("p.prsheadline::oid") + ` AS headline
FROM pg_catalog.pg_ts_parser p
JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace`,
	Attrs: []schema.Attr{{Name: "schema", Fact: true}, {Name: "prsname", Fact: true}, {Name: "start"}, {Name: "gettoken"}, {Name: "end"}, {Name: "lextypes"}, {Name: "headline"}},
	Create: func(b schema.Built) []string {
		return list("CREATE TEXT SEARCH PARSER %s (%s)", b.ID.Name, definition(b.Object, "start", "gettoken", "end", "lextypes", "headline"))
	},
}

var textSearchTemplates = &schema.Kind{
	Name:    "text search template",
	Noun:    "TEXT SEARCH TEMPLATE",
	Follows: true,
	Rename:  rename("TEXT SEARCH TEMPLATE", "tmplname"),
	Sought:  true,
	Query: `
SELECT 'pg_catalog.pg_ts_template'::regclass::oid AS classid, t.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(t.tmplname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(t.tmplname) AS tmplname,
       ` + functionName("t.tmplinit::oid") + ` AS init, ` + functionName("t.tmpllexize::oid") + ` AS lexize
FROM pg_catalog.pg_ts_template t
JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace`,
	Attrs: []schema.Attr{{Name: "schema", Fact: true}, {Name: "tmplname", Fact: true}, {Name: "init"}, {Name: "lexize"}},
	Create: func(b schema.Built) []string {
		return list("CREATE TEXT SEARCH TEMPLATE %s (%s)", b.ID.Name, definition(b.Object, "init", "lexize"))
	},
}

// definition writes attributes as a list of NAME = value.
func definition(o *schema.Object, attrs ...string) string {
	var out []string
	for _, a := range attrs {
		if v := o.Get(a); v != "" {
			out = append(out, strings.ToUpper(a)+" = "+v)
		}
	}
	return strings.Join(out, ", ")
}

// textSearchDictionaries change their options in place. The server stores the
// options as the text of a list; ALTER gives that list anew and names without
// a value those that are no longer in it.
var textSearchDictionaries = &schema.Kind{
	Name:    "text search dictionary",
	Noun:    "TEXT SEARCH DICTIONARY",
	Follows: true,
	Rename:  rename("TEXT SEARCH DICTIONARY", "dictname"),
	Sought:  true,
	Query: `
SELECT 'pg_catalog.pg_ts_dict'::regclass::oid AS classid, d.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(d.dictname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(d.dictname) AS dictname,
       quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) AS template, d.dictinitoption AS options,
       (SELECT string_agg(m[1], E'\n') FROM regexp_matches(d.dictinitoption, '(?:^|, )("(?:[^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*) = ', 'g') m) AS option_names
FROM pg_catalog.pg_ts_dict d
JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "dictname", Fact: true},
		{Name: "template"},
		{Name: "options", Alter: func(old, new *schema.Object) []string {
			var out []string
			if o := new.Get("options"); o != "" {
				out = append(out, o)
			}
			for _, name := range lines(old.Get("option_names")) {
				if !contains(lines(new.Get("option_names")), name) {
					out = append(out, name)
				}
			}
			return list("ALTER TEXT SEARCH DICTIONARY %s (%s)", new.ID.Name, strings.Join(out, ", "))
		}},
		{Name: "option_names", Fact: true},
	},
	Create: func(b schema.Built) []string {
		options := "TEMPLATE = " + b.Get("template")
		if o := b.Get("options"); o != "" {
			options += ", " + o
		}
		return list("CREATE TEXT SEARCH DICTIONARY %s (%s)", b.ID.Name, options)
	},
}

// textSearchConfigurations hold which dictionaries look up which tokens.
var textSearchConfigurations = &schema.Kind{
	Name:    "text search configuration",
	Noun:    "TEXT SEARCH CONFIGURATION",
	Follows: true,
	Rename:  rename("TEXT SEARCH CONFIGURATION", "cfgname"),
	Sought:  true,
	Query: `
SELECT 'pg_catalog.pg_ts_config'::regclass::oid AS classid, c.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(c.cfgname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(c.cfgname) AS cfgname,
       quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) AS parser,
       (SELECT string_agg(quote_ident(k.alias) || '=' || m.dictionaries, E'\n' ORDER BY k.tokid)
          FROM ts_token_type(c.cfgparser) k
          JOIN (SELECT m.maptokentype, string_agg(quote_ident(dn.nspname) || '.' || quote_ident(d.dictname), ', ' ORDER BY m.mapseqno) AS dictionaries
                  FROM pg_catalog.pg_ts_config_map m JOIN pg_catalog.pg_ts_dict d ON d.oid = m.mapdict JOIN pg_catalog.pg_namespace dn ON dn.oid = d.dictnamespace
                 WHERE m.mapcfg = c.oid GROUP BY m.maptokentype) m ON m.maptokentype = k.tokid) AS mappings
FROM pg_catalog.pg_ts_config c
JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "cfgname", Fact: true},
		{Name: "parser"},
		{Name: "mappings", Alter: alterMappings},
	},
	Create: func(b schema.Built) []string {
		out := list("CREATE TEXT SEARCH CONFIGURATION %s (PARSER = %s)", b.ID.Name, b.Get("parser"))
		return append(out, alterMappings(&schema.Object{}, b.Object)...)
	},
}

// mappings lists the lines of a configuration's; a dictionary's quoted name may
// hold the end of a line too.
func mappings(o *schema.Object) []string {
	var out []string
	for _, l := range lines(o.Get("mappings")) {
		if i := len(out) - 1; i >= 0 && strings.Count(out[i], `"`)%2 == 1 {
			out[i] += "\n" + l
		} else {
			out = append(out, l)
		}
	}
	return out
}

// alterMappings writes one statement for all tokens that go the same way.
func alterMappings(old, new *schema.Object) []string {
	was := map[string]string{}
	for _, l := range mappings(old) {
		token, dictionaries, _ := strings.Cut(l, "=")
		was[token] = dictionaries
	}
	tokens := map[string][]string{}
	var ways []string
	note := func(way, token string) {
		if tokens[way] == nil {
			ways = append(ways, way)
		}
		tokens[way] = append(tokens[way], token)
	}
	for _, l := range mappings(new) {
		token, dictionaries, _ := strings.Cut(l, "=")
		before, mapped := was[token]
		delete(was, token)
		switch {
		case !mapped:
			note("ADD MAPPING FOR %s WITH "+dictionaries, token)
		case before != dictionaries:
			note("ALTER MAPPING FOR %s WITH "+dictionaries, token)
		}
	}
	for _, l := range mappings(old) {
		if token, _, _ := strings.Cut(l, "="); was[token] != "" {
			note("DROP MAPPING FOR %s", token)
		}
	}
	out := []string{}
	for _, way := range ways {
		out = append(out, "ALTER TEXT SEARCH CONFIGURATION "+new.ID.Name+" "+strings.Replace(way, "%s", strings.Join(tokens[way], ", "), 1))
	}
	return out
}
