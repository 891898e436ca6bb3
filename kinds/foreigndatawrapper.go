package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// foreignOptions prints options of foreign data as name=value lines; %s is the column.
func foreignOptions(column string) string {
	return `(SELECT string_agg(quote_ident(split_part(o, '=', 1)) || '=' || substr(o, strpos(o, '=') + 1), E'\n' ORDER BY o) FROM unnest(` + column + `) o)`
}

// functionName prints the qualified name of the function with that OID.
func functionName(oid string) string {
	return `(SELECT quote_ident(fn.nspname) || '.' || quote_ident(f.proname) FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace WHERE f.oid = ` + oid + `)`
}

var foreignDataWrappers = &schema.Kind{
	Name:    "foreign-data wrapper",
	Noun:    "FOREIGN DATA WRAPPER",
	Follows: true,
	Sought:  true,
	Query: `
SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass::oid AS classid, w.oid AS objid, 0 AS objsubid,
       quote_ident(w.fdwname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       ` + functionName("w.fdwhandler") + ` AS handler,
       ` + functionName("w.fdwvalidator") + ` AS validator,
       ` + foreignOptions("w.fdwoptions") + ` AS options
FROM pg_catalog.pg_foreign_data_wrapper w`,
	Attrs: []schema.Attr{
		{Name: "handler", Alter: alterWrapper("HANDLER", "handler")},
		{Name: "validator", Alter: alterWrapper("VALIDATOR", "validator")},
		{Name: "options", Alter: alterForeignOptions("ALTER FOREIGN DATA WRAPPER")},
	},
	Create: func(b schema.Built) []string {
		text := "CREATE FOREIGN DATA WRAPPER " + b.ID.Name
		for _, f := range [][2]string{{" HANDLER ", "handler"}, {" VALIDATOR ", "validator"}} {
			if v := b.Get(f[1]); v != "" {
				text += f[0] + v
			}
		}
		return []string{text + withForeignOptions(b.Object)}
	},
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER FOREIGN DATA WRAPPER %s RENAME TO %s", old.ID.Name, new.ID.Name)
	},
}

func alterWrapper(clause, attr string) func(old, new *schema.Object) []string {
	return func(_, new *schema.Object) []string {
		if f := new.Get(attr); f != "" {
			return list("ALTER FOREIGN DATA WRAPPER %s %s %s", new.ID.Name, clause, f)
		}
		return list("ALTER FOREIGN DATA WRAPPER %s NO %s", new.ID.Name, clause)
	}
}

// alterForeignOptions makes an Alter for the attribute options.
func alterForeignOptions(verb string) func(old, new *schema.Object) []string {
	return func(old, new *schema.Object) []string {
		return list("%s", fmt.Sprintf("%s %s %s", verb, new.ID.Name, fdwOptions(old.Get("options"), new.Get("options"))))
	}
}

// withForeignOptions writes the options in a CREATE statement.
func withForeignOptions(o *schema.Object) string {
	if opts := o.Get("options"); opts != "" {
		return " " + fdwOptions("", opts)
	}
	return ""
}

// fdwOptions writes OPTIONS (…) that turns one list of foreign options into
// another.
func fdwOptions(old, new string) string {
	was, is := map[string]string{}, map[string]string{}
	for _, l := range lines(old) {
		k, v, _ := strings.Cut(l, "=")
		was[k] = v
	}
	var out []string
	for _, l := range lines(new) {
		k, v, _ := strings.Cut(l, "=")
		is[k] = v
		before, had := was[k]
		switch {
		case old == "":
			out = append(out, k+" "+strings.TrimSpace(literal(v)))
		case !had:
			out = append(out, "ADD "+k+" "+strings.TrimSpace(literal(v)))
		case before != v:
			out = append(out, "SET "+k+" "+strings.TrimSpace(literal(v)))
		}
	}
	for _, l := range lines(old) {
		k, _, _ := strings.Cut(l, "=")
		if _, ok := is[k]; !ok {
			out = append(out, "DROP "+k)
		}
	}
	return "OPTIONS (" + strings.Join(out, ", ") + ")"
}
