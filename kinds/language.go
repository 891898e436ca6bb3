package kinds

import "github.com/tvl-platform/plumb/schema"

// languages are those that no extension made. CREATE OR REPLACE changes
// everything about them.
var languages = &schema.Kind{
	Name:    "language",
	Noun:    "LANGUAGE",
	Follows: true,
	Sought:  true,
	Query: `
SELECT 'pg_catalog.pg_language'::regclass::oid AS classid, l.oid AS objid, 0 AS objsubid,
       quote_ident(l.lanname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       l.lanpltrusted AS trusted,
       ` + functionName("l.lanplcallfoid") + ` AS handler,
       ` + functionName("l.laninline") + ` AS inline,
       ` + functionName("l.lanvalidator") + ` AS validator
FROM pg_catalog.pg_language l WHERE l.lanispl`,
	Attrs: []schema.Attr{
		{Name: "trusted", Alter: replaceLanguage},
		{Name: "handler", Alter: replaceLanguage},
		{Name: "inline", Alter: replaceLanguage},
		{Name: "validator", Alter: replaceLanguage},
	},
	Create: func(b schema.Built) []string { return languageStatement("CREATE", b.Object) },
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER LANGUAGE %s RENAME TO %s", old.ID.Name, new.ID.Name)
	},
}

func replaceLanguage(_, new *schema.Object) []string {
	return languageStatement("CREATE OR REPLACE", new)
}

func languageStatement(verb string, o *schema.Object) []string {
	text := verb + " LANGUAGE " + o.ID.Name
	if o.Is("trusted") {
		text = verb + " TRUSTED LANGUAGE " + o.ID.Name
	}
	for _, c := range [][2]string{{" HANDLER ", "handler"}, {" INLINE ", "inline"}, {" VALIDATOR ", "validator"}} {
		if f := o.Get(c[1]); f != "" {
			text += c[0] + f
		}
	}
	return []string{text}
}
