// Package selftest shows that a comparison can fail: it does to a scratch
// database what drift does to a real one, one class of drift after the other,
// and asks each time whether the comparison notices.
package selftest

// A Class is one way in which a database drifts. It is a value: the engine
// knows no kind of object, and a new class is one more in the list.
type Class struct {
	Name string
	// Query finds what can be changed. It selects kind and name of the object
	// that is compared (that which changes, or that it is a part of), and the
	// statements that change it, from the sets of common.
	Query string
	// Beyond says why nobody claims to see such a change where Query finds
	// nothing; empty where that only means that there is no such object.
	Beyond string
}

// common lists what the queries of the classes choose from: what is neither
// built in nor an extension's, each object with its kind and name as the
// snapshot has them. search_path is empty when they run.
const common = `WITH
seed AS (SELECT "Table" AS name, coalesce("Ignore", '{}') AS ignored FROM json_to_recordset($1::json) s("Table" text, "Ignore" text[])),
member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
rel AS (
  SELECT c.*, format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid >= 16384 AND c.relpersistence = 'p' AND n.nspname !~ '^pg_'
    AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM member)),
tab AS (SELECT 'table' AS kind, * FROM rel WHERE relkind IN ('r', 'p') AND NOT relispartition),
col AS (
  SELECT t.kind, t.name, t.oid, a.attnum, quote_ident(a.attname) AS col, format_type(a.atttypid, a.atttypmod) AS type, t.relname,
         a.attnotnull AND NOT EXISTS (SELECT FROM pg_index x WHERE x.indrelid = t.oid AND x.indisprimary AND a.attnum = ANY (x.indkey::int2[])) AS droppable,
         a.attnotnull, a.attgenerated = '' AND a.attidentity = '' AS plain, pg_get_expr(d.adbin, d.adrelid) AS def, ty.typcategory AS category
  FROM tab t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type ty ON ty.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum),
con AS (
  SELECT t.kind, t.name, quote_ident(k.conname) AS con, k.contype, k.condeferrable, pg_get_constraintdef(k.oid) AS definition
  FROM pg_constraint k JOIN tab t ON t.oid = k.conrelid WHERE k.conparentid = 0),
idx AS (
  SELECT t.kind, t.name, i.name AS idx FROM pg_index x JOIN tab t ON t.oid = x.indrelid JOIN rel i ON i.oid = x.indexrelid
  WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid)),
pol AS (SELECT t.kind, t.name, quote_ident(p.polname) AS pol, p.* FROM pg_policy p JOIN tab t ON t.oid = p.polrelid),
trg AS (SELECT t.kind, t.name, quote_ident(g.tgname) AS trg, g.* FROM pg_trigger g JOIN tab t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal AND g.tgparentid = 0),
fun AS (
  SELECT 'function' AS kind, (pg_identify_object('pg_proc'::regclass, p.oid, 0)).identity AS sig,
         format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS name, l.lanname, p.*
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  WHERE p.oid >= 16384 AND p.prokind = 'f' AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM member)),
vw AS (SELECT 'view' AS kind, rtrim(pg_get_viewdef(oid), ';') AS definition, * FROM rel WHERE relkind = 'v'),
mat AS (SELECT 'materialized view' AS kind, * FROM rel WHERE relkind = 'm'),
seq AS (SELECT 'sequence' AS kind, s.*, r.* FROM rel r JOIN pg_sequence s ON s.seqrelid = r.oid
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype = 'i')),
typ AS (
  SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE 'composite type' END AS kind, format('%I.%I', n.nspname, t.typname) AS name, t.*
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE t.oid >= 16384 AND t.typtype IN ('e', 'd', 'c') AND coalesce(c.relkind = 'c', true)
    AND ('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM member)),
other AS (SELECT quote_ident(rolname) AS role FROM pg_roles WHERE pg_has_role(oid, 'MEMBER') AND rolname <> current_user ORDER BY rolname !~ '^pg_', rolname LIMIT 1),
nsp AS (SELECT 'schema' AS kind, quote_ident(nspname) AS name, * FROM pg_namespace
  WHERE (oid >= 16384 OR nspname = 'public') AND nspname !~ '^pg_' AND ('pg_namespace'::regclass, oid) NOT IN (SELECT classid, objid FROM member))
`
