package selftest

// All lists every class. What is changed is undone, so nothing needs to be
// spared; of statements that the server refuses the next is tried.
var All = []Class{
	// Tables and their columns.
	{Name: "table added", Query: `SELECT kind, name, format('CREATE TABLE %s.plumb_selftest (id integer)', name) FROM nsp`},
	{Name: "table dropped", Query: `SELECT kind, name, format('DROP TABLE %s CASCADE', name) FROM tab`},
	{Name: "column added", Query: `SELECT kind, name, format('ALTER TABLE %s ADD COLUMN plumb_selftest integer', name) FROM tab`},
	{Name: "column dropped", Query: `SELECT kind, name, format('ALTER TABLE %s DROP COLUMN %s', name, col) FROM col`},
	{Name: "column renamed", Query: `SELECT kind, name, format('ALTER TABLE %s RENAME COLUMN %s TO plumb_selftest', name, col) FROM col`},
	{Name: "type of a column", Query: `SELECT kind, name, format('ALTER TABLE %s ALTER COLUMN %s TYPE %s', name, col,
		CASE type WHEN 'text' THEN 'character varying(2000)' WHEN 'integer' THEN 'bigint' ELSE 'text' END) FROM col WHERE plain AND type <> 'text' OR type = 'text'`},
	{Name: "default changed", Query: `SELECT kind, name, format('ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s', name, col,
		CASE category WHEN 'B' THEN 'NOT (' || def || ')' WHEN 'N' THEN '(' || def || ') + 1' ELSE '(' || def || ') || ''x''' END)
		FROM col WHERE plain AND def IS NOT NULL AND category IN ('B', 'N', 'S')`},
	{Name: "default dropped", Query: `SELECT kind, name, format('ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT', name, col) FROM col WHERE plain AND def IS NOT NULL`},
	{Name: "NOT NULL dropped", Query: `SELECT kind, name, format('ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL', name, col) FROM col WHERE plain AND droppable`},
	{Name: "NOT NULL added", Query: `SELECT kind, name, format('ALTER TABLE %s ALTER COLUMN %s SET NOT NULL', name, col) FROM col WHERE NOT attnotnull`},
	{Name: "storage parameter of a table", Query: `SELECT kind, name, format('ALTER TABLE %s SET (autovacuum_enabled = off)', name) FROM tab WHERE relkind = 'r'`},

	// Constraints and indexes.
	{Name: "primary key dropped", Query: `SELECT kind, name, format('ALTER TABLE %s DROP CONSTRAINT %s CASCADE', name, con) FROM con WHERE contype = 'p'`},
	{Name: "unique constraint dropped", Query: `SELECT kind, name, format('ALTER TABLE %s DROP CONSTRAINT %s CASCADE', name, con) FROM con WHERE contype = 'u'`},
	{Name: "check dropped", Query: `SELECT kind, name, format('ALTER TABLE %s DROP CONSTRAINT %s', name, con) FROM con WHERE contype = 'c'`},
	{Name: "check loosened", Query: `SELECT kind, name, format('ALTER TABLE %1$s DROP CONSTRAINT %2$s; ALTER TABLE %1$s ADD CONSTRAINT %2$s CHECK (true)', name, con) FROM con WHERE contype = 'c'`},
	{Name: "foreign key dropped", Query: `SELECT kind, name, format('ALTER TABLE %s DROP CONSTRAINT %s', name, con) FROM con WHERE contype = 'f'`},
	{Name: "foreign key made deferrable", Query: `SELECT kind, name, format('ALTER TABLE %s ALTER CONSTRAINT %s DEFERRABLE', name, con) FROM con WHERE contype = 'f' AND NOT condeferrable`},
	{Name: "exclusion constraint dropped", Query: `SELECT kind, name, format('ALTER TABLE %s DROP CONSTRAINT %s', name, con) FROM con WHERE contype = 'x'`},
	{Name: "index dropped", Query: `SELECT kind, name, format('DROP INDEX %s', idx) FROM idx`},
	{Name: "index added", Query: `SELECT kind, name, format('CREATE INDEX plumb_selftest ON %s (%s)', name, col) FROM col`},

	// Who may do what.
	{Name: "row security turned off", Query: `SELECT kind, name, format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', name) FROM tab WHERE relrowsecurity`},
	{Name: "forced row security turned off", Query: `SELECT kind, name, format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', name) FROM tab WHERE relforcerowsecurity`},
	{Name: "policy added", Query: `SELECT kind, name, format('CREATE POLICY plumb_selftest ON %s USING (true)', name) FROM tab`},
	{Name: "policy changed", Query: `SELECT kind, name, format('ALTER POLICY %s ON %s USING (true)', pol, name) FROM pol
		WHERE polqual IS NOT NULL AND pg_get_expr(polqual, polrelid) <> 'true'`},
	{Name: "policy given to another role", Query: `SELECT kind, name, format('ALTER POLICY %s ON %s TO pg_monitor', pol, name) FROM pol`},
	{Name: "policy dropped", Query: `SELECT kind, name, format('DROP POLICY %s ON %s', pol, name) FROM pol`},
	{Name: "table granted to everybody", Query: `SELECT kind, name, format('GRANT SELECT ON %s TO PUBLIC', name) FROM tab
		WHERE NOT EXISTS (SELECT FROM aclexplode(relacl) WHERE grantee = 0 AND privilege_type = 'SELECT')`},
	{Name: "column granted to everybody", Query: `SELECT kind, name, format('GRANT UPDATE (%s) ON %s TO PUBLIC', col, name) FROM col`},
	{Name: "privilege on a table revoked", Query: `SELECT kind, name, format('REVOKE %s ON %s FROM %s', privilege_type, name,
		CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
		FROM tab, aclexplode(coalesce(relacl, acldefault('r', relowner)))`},
	{Name: "right to execute a function revoked", Query: `SELECT kind, name, format('REVOKE EXECUTE ON FUNCTION %s FROM %s', sig,
		CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
		FROM fun, aclexplode(coalesce(proacl, acldefault('f', proowner)))`},
	{Name: "privileges on new tables", Query: `SELECT kind, name, format('ALTER DEFAULT PRIVILEGES IN SCHEMA %s GRANT SELECT ON TABLES TO PUBLIC', name) FROM nsp`},
	{Name: "owner of a table", Query: `SELECT kind, name, format('ALTER TABLE %s OWNER TO %s', name, role) FROM tab, other`},
	{Name: "owner of a function", Query: `SELECT kind, name, format('ALTER FUNCTION %s OWNER TO %s', sig, role) FROM fun, other`},

	// What runs by itself or on behalf of others.
	{Name: "body of a function", Query: `SELECT kind, name, replace(pg_get_functiondef(oid), prosrc, prosrc || E'\n-- plumb selftest\n') FROM fun
		WHERE prosrc <> '' AND lanname IN ('sql', 'plpgsql')`},
	{Name: "function made SECURITY DEFINER, or no longer", Query: `SELECT kind, name, format('ALTER FUNCTION %s SECURITY %s', sig,
		CASE WHEN prosecdef THEN 'INVOKER' ELSE 'DEFINER' END) FROM fun`},
	{Name: "search_path of a function", Query: `SELECT kind, name, format('ALTER FUNCTION %s SET search_path = plumb_selftest', sig) FROM fun`},
	{Name: "function dropped", Query: `SELECT kind, name, format('DROP FUNCTION %s CASCADE', sig) FROM fun`},
	{Name: "function added", Query: `SELECT kind, name, format('CREATE FUNCTION %s.plumb_selftest() RETURNS integer LANGUAGE sql AS ''SELECT 1''', name) FROM nsp`},
	{Name: "trigger disabled", Query: `SELECT kind, name, format('ALTER TABLE %s DISABLE TRIGGER %s', name, trg) FROM trg WHERE tgenabled = 'O'`},
	{Name: "trigger dropped", Query: `SELECT kind, name, format('DROP TRIGGER %s ON %s', trg, name) FROM trg`},
	{Name: "definition of a view", Query: `SELECT kind, name, format('CREATE OR REPLACE VIEW %s AS SELECT * FROM (%s) plumb_selftest', name, definition) FROM vw`},
	{Name: "option of a view", Query: `SELECT kind, name, format('ALTER VIEW %s SET (security_barrier = %s)', name,
		NOT coalesce(reloptions && ARRAY['security_barrier=true', 'security_barrier=on'], false)) FROM vw`},
	{Name: "view dropped", Query: `SELECT kind, name, format('DROP VIEW %s CASCADE', name) FROM vw`},
	{Name: "materialized view dropped", Query: `SELECT kind, name, format('DROP MATERIALIZED VIEW %s CASCADE', name) FROM mat`},

	// Types, sequences, comments.
	{Name: "enum label added", Query: `SELECT kind, name, format('ALTER TYPE %s ADD VALUE ''plumb_selftest''', name) FROM typ WHERE kind = 'enum'`},
	{Name: "enum label renamed", Query: `SELECT kind, name, format('ALTER TYPE %s RENAME VALUE %L TO ''plumb_selftest''', name, enumlabel)
		FROM typ JOIN pg_enum e ON e.enumtypid = typ.oid`},
	{Name: "check of a domain", Query: `SELECT kind, name, format('ALTER DOMAIN %s ADD CONSTRAINT plumb_selftest CHECK (VALUE IS NOT NULL) NOT VALID', name) FROM typ WHERE kind = 'domain'`},
	{Name: "attribute of a composite type", Query: `SELECT kind, name, format('ALTER TYPE %s ADD ATTRIBUTE plumb_selftest integer', name) FROM typ WHERE kind = 'composite type'`},
	{Name: "increment of a sequence", Query: `SELECT kind, name, format('ALTER SEQUENCE %s INCREMENT BY %s', name, seqincrement + 1) FROM seq`},
	{Name: "comment on a table", Query: `SELECT kind, name, format('COMMENT ON TABLE %s IS ''plumb selftest''', name) FROM tab`},
	{Name: "comment on a column", Query: `SELECT kind, name, format('COMMENT ON COLUMN %s.%s IS ''plumb selftest''', name, col) FROM col`},

	// Rows, where migrations make them.
	{Name: "row of a seed changed", Beyond: unseeded, Query: `SELECT kind, name, format(
		'DO $plumb$ BEGIN UPDATE %1$s SET %2$s = %2$s || ''x'' WHERE ctid = (SELECT min(ctid) FROM %1$s); IF NOT FOUND THEN RAISE ''there is no row''; END IF; END $plumb$', name, col)
		FROM col JOIN seed USING (name) WHERE plain AND def IS NULL AND type = 'text' AND attnotnull AND NOT col = ANY (ignored)`},
	{Name: "row of a seed deleted", Beyond: unseeded, Query: `SELECT kind, name, format(
		'DO $plumb$ BEGIN DELETE FROM %1$s WHERE ctid = (SELECT min(ctid) FROM %1$s); IF NOT FOUND THEN RAISE ''there is no row''; END IF; END $plumb$', name)
		FROM tab JOIN seed USING (name)`},
}

const unseeded = "drift compares rows only where a seed block names their table, and there is none to change"
