package dbtest

import "fmt"

// Large is a script that makes n tables of 14 columns, with 5 indexes, 2
// foreign keys, a trigger, a policy and comments each: the schema that plumb's
// speed is measured on.
func Large(n int) string {
	return fmt.Sprintf(`
CREATE SCHEMA large;
CREATE FUNCTION large.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.updated_at := now(); RETURN NEW; END';
DO $do$
DECLARE t text;
BEGIN
  FOR i IN 1..%[1]d LOOP
    t := format('large.t%%s', i);
    EXECUTE format('CREATE TABLE %%s (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org_id uuid NOT NULL, parent_id uuid, name text NOT NULL,
      status text NOT NULL DEFAULT ''new'' CHECK (status IN (''new'', ''open'', ''done'')), amount numeric(12,2) NOT NULL DEFAULT 0 CHECK (amount >= 0),
      currency char(3) NOT NULL DEFAULT ''EUR'', starts date, ends date, details jsonb NOT NULL DEFAULT ''{}'', tags text[], note varchar(200),
      created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now())', t);
    EXECUTE format('ALTER TABLE %%s ADD FOREIGN KEY (parent_id) REFERENCES %%s ON DELETE CASCADE', t, t);
    EXECUTE format('ALTER TABLE %%s ADD FOREIGN KEY (org_id) REFERENCES large.t%%s ON DELETE CASCADE', t, greatest(i - 1, 1));
    EXECUTE format('CREATE INDEX ON %%s (org_id); CREATE INDEX ON %%s (parent_id); CREATE INDEX ON %%s USING gin (details); CREATE INDEX ON %%s (lower(name)) WHERE status <> ''done''; CREATE UNIQUE INDEX ON %%s (org_id, name)', t, t, t, t, t);
    EXECUTE format('CREATE TRIGGER touch BEFORE UPDATE ON %%s FOR EACH ROW EXECUTE FUNCTION large.touch()', t);
    EXECUTE format('ALTER TABLE %%s ENABLE ROW LEVEL SECURITY; CREATE POLICY tenant ON %%s USING (org_id = current_setting(''app.current_org_id'')::uuid)', t, t);
    EXECUTE format('COMMENT ON TABLE %%s IS ''Table %%s of the large schema''; COMMENT ON COLUMN %%s.status IS ''Where it stands''; COMMENT ON COLUMN %%s.amount IS ''In currency''', t, i, t, t);
  END LOOP;
END $do$;
`, n)
}
