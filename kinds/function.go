package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// functions are plain and window functions. A function and a procedure of one
// signature cannot be turned into each other, so they are two kinds; they
// share one name space with the aggregates.
var functions = routine("function", "'f', 'w'")

var procedures = routine("procedure", "'p'")

// routine makes the kind of the rows of pg_proc with one of some prokinds.
// What belongs to a type, such as a range's constructors, is the type's.
//
// Statements refer to a function by the types of its arguments, and to a
// procedure with their modes too: p(int, OUT int) and p(int, int) may stand
// side by side, and DROP PROCEDURE p(integer, integer) is then ambiguous.
func routine(name, prokinds string) *schema.Kind {
	noun := strings.ToUpper(name)
	ref := func(o *schema.Object) string { return noun + " " + o.Get("signature") }
	return &schema.Kind{
		Name:    name,
		Noun:    noun,
		Called:  map[string]func(*schema.Object) bool{name[:4]: func(*schema.Object) bool { return true }}, // func, proc
		Ref:     ref,
		Implies: impliedPrivileges("FUNCTIONS", ref),
		Query:   routineQuery(prokinds),
		Attrs: []schema.Attr{
			{Name: "schema", Fact: true},
			{Name: "routine", Fact: true},
			{Name: "signature", Fact: true},
			{Name: "window"},
			{Name: "arguments", Printed: true, Follows: true, Alter: alterRoutine}, // with their defaults
			{Name: "input_names", Fact: true},
			{Name: "default_count", Fact: true},
			{Name: "polymorphic_defaults", Fact: true},
			{Name: "returns", Follows: true},
			{Name: "output", Follows: true},
			{Name: "result", Follows: true, Alter: alterRoutine},
			{Name: "language", Follows: true, Alter: alterRoutine},
			{Name: "volatility", Alter: alterRoutine},
			{Name: "strict", Alter: alterRoutine},
			{Name: "security_definer", Alter: alterRoutine},
			{Name: "leakproof", Alter: alterRoutine},
			{Name: "parallel", Alter: alterRoutine},
			{Name: "cost", Alter: alterRoutine},
			{Name: "rows", Alter: alterRoutine},
			{Name: "support", Alter: alterRoutine},
			{Name: "settings", Alter: alterRoutine},
			{Name: "transforms", Follows: true, Alter: alterRoutine},
			{Name: "library", Alter: alterRoutine},
			{Name: "body", Printed: true, Alter: alterRoutine, Verbatim: func(o *schema.Object) bool { return !o.Is("parsed") }},
			{Name: "parsed", Alter: alterRoutine},
			{Name: "definition", Fact: true},
		},
		Create: func(b schema.Built) []string { return []string{"CREATE " + b.Get("definition")} },
		Stub:   stubRoutine,
		Fill:   func(o *schema.Object) []string { return []string{"CREATE OR REPLACE " + o.Get("definition")} },
		Rename: renameRoutine,
		Names:  routineName,
		Widens: widensRoutine,
		Set:    "check_function_bodies = off",
	}
}

// routineQuery reads the rows of pg_proc with one of some prokinds.
func routineQuery(prokinds string) string {
	return `
SELECT 'pg_catalog.pg_proc'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(p.proname) AS routine,
       quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' ||
         CASE p.prokind WHEN 'p' THEN pg_get_function_identity_arguments(p.oid) ELSE oidvectortypes(p.proargtypes) END || ')' AS signature,
       p.prokind = 'w' AS window,
       pg_get_function_arguments(p.oid) AS arguments,
       ` + inputNames + ` AS input_names,
       p.pronargdefaults AS default_count,
       CASE WHEN p.pronargdefaults > 0 AND oidvectortypes(p.proargtypes) ~ '\many' THEN pg_get_expr(p.proargdefaults, 0) END AS polymorphic_defaults,
       CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END || format_type(p.prorettype, NULL) AS returns,
       CASE WHEN p.prorettype = 'record'::regtype THEN (
           SELECT string_agg(quote_ident(coalesce(u.name, '')) || ' ' || format_type(u.type, NULL), E'\n' ORDER BY u.i)
           FROM unnest(p.proallargtypes, p.proargmodes, p.proargnames) WITH ORDINALITY u(type, mode, name, i) WHERE u.mode IN ('o', 'b', 't')) END AS output,
       pg_get_function_result(p.oid) AS result,
       quote_ident(l.lanname) AS language,
       CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END AS volatility,
       p.proisstrict AS strict, p.prosecdef AS security_definer, p.proleakproof AS leakproof,
       CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END AS parallel,
       p.procost AS cost, p.prorows AS rows,
       CASE WHEN p.prosupport <> 0 THEN p.prosupport::regproc::text END AS support,
       array_to_string(p.proconfig, E'\n') AS settings,
       (SELECT string_agg(format_type(u.type, NULL), E'\n' ORDER BY u.i) FROM unnest(p.protrftypes) WITH ORDINALITY u(type, i)) AS transforms,
       p.probin AS library,
       coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body, p.prosqlbody IS NOT NULL AS parsed,
       btrim(substr(pg_get_functiondef(p.oid), length('CREATE OR REPLACE ') + 1), E'\n') AS definition
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.prokind IN (` + prokinds + `) AND n.nspname !~ '^pg_temp_'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')`
}

// inputNames lists the names of the input arguments of pg_proc p, one a line,
// "" for one without a name.
const inputNames = `(SELECT string_agg(quote_ident(u.name), E'\n' ORDER BY u.i)
           FROM unnest(p.proargnames, p.proargmodes) WITH ORDINALITY u(name, mode, i) WHERE coalesce(u.mode, 'i') IN ('i', 'b', 'v'))`
