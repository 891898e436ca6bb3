CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE pair AS (a integer, b text);
CREATE SEQUENCE tickets;
CREATE TABLE "Org ""x""" (id integer PRIMARY KEY, slug text NOT NULL UNIQUE, open boolean NOT NULL DEFAULT true, at timestamptz);
CREATE TABLE units (
    id     integer PRIMARY KEY,
    org_id integer NOT NULL REFERENCES "Org ""x""" (id),
    beds   integer DEFAULT 1 CHECK (beds > 0),
    mood   mood,
    span   int4range,
    EXCLUDE USING gist (span WITH &&)
);
CREATE INDEX units_org_id_idx ON units (org_id);
COMMENT ON TABLE units IS 'Units.';
ALTER TABLE units ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY units_read ON units FOR SELECT USING (org_id = 1);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER touch BEFORE UPDATE ON units FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW open_units AS SELECT u.id, o.slug FROM units u JOIN "Org ""x""" o ON o.id = u.org_id WHERE o.open;
CREATE MATERIALIZED VIEW beds AS SELECT sum(beds) AS beds FROM units;
CREATE TABLE kinds_of_unit (code text PRIMARY KEY, label text NOT NULL);
INSERT INTO kinds_of_unit VALUES ('flat', 'A flat'), ('hut', 'A hut');
