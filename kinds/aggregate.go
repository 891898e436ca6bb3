package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// aggregates are normal, ordered-set and hypothetical-set aggregates. The
// name of one without arguments ends in (*), as statements want it. CREATE OR
// REPLACE changes all but the result type, the kind, the number of direct
// arguments and the names of arguments.
var aggregates = &schema.Kind{
	Name:    "aggregate",
	Noun:    "AGGREGATE",
	Implies: impliedPrivileges("FUNCTIONS", grantOn("FUNCTION")),
	Query: `
SELECT 'pg_catalog.pg_proc'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || CASE p.pronargs WHEN 0 THEN '*' ELSE oidvectortypes(p.proargtypes) END || ')' AS name,
       NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(p.proname) AS routine,
       quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || CASE p.pronargs WHEN 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END || ')' AS signature,
       CASE a.aggkind WHEN 'o' THEN 'ordered-set' WHEN 'h' THEN 'hypothetical-set' ELSE 'normal' END AS kind,
       a.aggnumdirectargs AS direct_arguments,
       pg_get_function_arguments(p.oid) AS arguments,
       ` + inputNames + ` AS input_names,
       pg_get_function_result(p.oid) AS result,
       a.aggtransfn::regproc AS sfunc, format_type(a.aggtranstype, NULL) AS stype, nullif(a.aggtransspace, 0) AS sspace,
       nullif(a.aggfinalfn::oid, 0)::regproc AS finalfunc, a.aggfinalextra AS finalfunc_extra,
       ` + finalModify("aggfinalmodify") + ` AS finalfunc_modify,
       nullif(a.aggcombinefn::oid, 0)::regproc AS combinefunc,
       nullif(a.aggserialfn::oid, 0)::regproc AS serialfunc, nullif(a.aggdeserialfn::oid, 0)::regproc AS deserialfunc,
       quote_literal(a.agginitval) AS initcond,
       nullif(a.aggmtransfn::oid, 0)::regproc AS msfunc, nullif(a.aggminvtransfn::oid, 0)::regproc AS minvfunc,
       CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END AS mstype, nullif(a.aggmtransspace, 0) AS msspace,
       nullif(a.aggmfinalfn::oid, 0)::regproc AS mfinalfunc, a.aggmfinalextra AS mfinalfunc_extra,
       ` + finalModify("aggmfinalmodify") + ` AS mfinalfunc_modify,
       quote_literal(a.aggminitval) AS minitcond,
       (SELECT 'OPERATOR(' || quote_ident(s.nspname) || '.' || o.oprname || ')' FROM pg_catalog.pg_operator o
          JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace WHERE o.oid = a.aggsortop) AS sortop,
       CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END AS parallel
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = p.oid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_temp_'`,
	Attrs: append([]schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "routine", Fact: true},
		{Name: "signature", Fact: true},
		{Name: "kind"},
		{Name: "direct_arguments"},
		{Name: "arguments", Alter: replaceAggregate},
		{Name: "input_names", Fact: true},
		{Name: "result"},
	}, aggregateOptions()...),
	Create: func(b schema.Built) []string { return []string{"CREATE " + aggregateText(b.Object)} },
	Rename: renameRoutine,
	Names:  routineName,
}

// finalModify writes what a final function may do to the state, where that is
// not the default of the aggregate's kind.
func finalModify(column string) string {
	return `CASE WHEN a.` + column + ` <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
            THEN CASE a.` + column + ` WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END`
}

// aggregateWords lists the options of CREATE AGGREGATE in the manual's order;
// each is an attribute of the same name in lower case.
var aggregateWords = []string{
	"SFUNC", "STYPE", "SSPACE", "FINALFUNC", "FINALFUNC_EXTRA", "FINALFUNC_MODIFY", "COMBINEFUNC", "SERIALFUNC", "DESERIALFUNC", "INITCOND",
	"MSFUNC", "MINVFUNC", "MSTYPE", "MSSPACE", "MFINALFUNC", "MFINALFUNC_EXTRA", "MFINALFUNC_MODIFY", "MINITCOND", "SORTOP", "PARALLEL",
}

func aggregateOptions() []schema.Attr {
	var out []schema.Attr
	for _, w := range aggregateWords {
		out = append(out, schema.Attr{Name: strings.ToLower(w), Alter: replaceAggregate})
	}
	return out
}

func replaceAggregate(old, new *schema.Object) []string {
	if !sameCall(old, new) {
		return nil
	}
	return []string{"CREATE OR REPLACE " + aggregateText(new)}
}

// aggregateText is the statement behind CREATE.
func aggregateText(o *schema.Object) string {
	var opts []string
	for _, w := range aggregateWords {
		switch v := o.Get(strings.ToLower(w)); v {
		case "", "f":
		case "t":
			opts = append(opts, w)
		default:
			opts = append(opts, w+" = "+v)
		}
	}
	if o.Get("kind") == "hypothetical-set" {
		opts = append(opts, "HYPOTHETICAL")
	}
	return "AGGREGATE " + o.Get("signature") + " (\n    " + strings.Join(opts, ",\n    ") + "\n)"
}
