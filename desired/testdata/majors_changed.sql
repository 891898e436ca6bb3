-- One change to each of several kinds, which has to be found among any two majors.
CREATE OR REPLACE VIEW m.w AS SELECT name, count(*) AS n, max(at) OVER (PARTITION BY name) AS latest FROM m.units GROUP BY name, at HAVING count(*) > 2 ORDER BY 1;
ALTER TABLE m.units ALTER email DROP NOT NULL, ALTER at SET DEFAULT now() - interval '1 day';
ALTER TABLE m.base DROP CONSTRAINT base_b_check, ADD CONSTRAINT base_b_check CHECK (b <> 'y');
ALTER POLICY p ON m.units USING (id > 0);
DROP INDEX m.units_lower;
CREATE INDEX units_lower ON m.units (lower(name), (id + 2));
CREATE OR REPLACE FUNCTION m.atomic(a integer) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM m.units WHERE units.id > a + 1; END;
REVOKE UPDATE (span) ON m.rooms FROM majors_reader;
REVOKE DELETE ON m.units FROM majors_reader;
COMMENT ON VIEW m.v IS 'another';
ALTER DOMAIN m.code DROP NOT NULL;
ALTER SEQUENCE m.s NO CYCLE;
CREATE PUBLICATION another FOR TABLE m.units;
