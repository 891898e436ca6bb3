package desired

import (
	"context"
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/kinds"
)

// Every tool keeps its log in its own way; the history is at its second file.
func TestReadLog(t *testing.T) {
	f := newFixture(t, `
-- migrations/mvp.0/001_units.sql --
SELECT 1;
-- migrations/mvp.0/002_rooms.sql --
SELECT 1;
-- migrations/v1/003_beds.sql --
SELECT 1;
-- prisma/20240101000000_units/migration.sql --
SELECT 1;
-- prisma/20240102000000_rooms/migration.sql --
SELECT 1;
-- prisma/20240103000000_beds/migration.sql --
SELECT 1;
`)
	for _, tc := range []struct{ tool, dir, sql, pending, unknown string }{
		{"our own", "migrations", `CREATE TABLE migrations_log (id int, filename text);
			INSERT INTO migrations_log VALUES (1, '001_units.sql'), (2, 'migrations/mvp.0/002_rooms.sql')`, "v1/003_beds.sql", ""},
		{"atlas", "migrations", `CREATE SCHEMA atlas_schema_revisions; CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version text, applied int, total int);
			INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('001', 1, 1), ('002', 1, 1), ('003', 0, 1)`, "v1/003_beds.sql", ""},
		{"golang-migrate", "migrations", `CREATE TABLE schema_migrations (version bigint, dirty boolean);
			INSERT INTO schema_migrations VALUES (2, false)`, "v1/003_beds.sql", ""},
		{"goose", "migrations", `CREATE TABLE goose_db_version (id int, version_id bigint, is_applied boolean);
			INSERT INTO goose_db_version VALUES (1, 0, true), (2, 1, true), (3, 2, true)`, "v1/003_beds.sql", ""},
		{"supabase", "migrations", `CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, name text);
			INSERT INTO supabase_migrations.schema_migrations VALUES ('1', 'units'), ('002', 'rooms'), ('009', 'gone')`, "v1/003_beds.sql", "009"},
		{"prisma", "prisma", `CREATE TABLE _prisma_migrations (migration_name text, finished_at timestamptz, rolled_back_at timestamptz);
			INSERT INTO _prisma_migrations VALUES ('20240101000000_units', now(), NULL), ('20240102000000_rooms', now(), NULL), ('20240103000000_beds', NULL, now())`,
			"20240103000000_beds/migration.sql", ""},
		{"none", "migrations", `SELECT 1`, "-", ""},
	} {
		t.Run(tc.tool, func(t *testing.T) {
			ctx := context.Background()
			h := f.build(t, tc.dir).History
			db, err := f.b.server.Create(ctx, f.b.locale)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := db.Connect(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(ctx)
			if err := conn.PgConn().Exec(ctx, tc.sql).Close(); err != nil {
				t.Fatal(err)
			}
			snap, err := catalog.Read(ctx, conn.PgConn(), kinds.All)
			if err != nil {
				t.Fatal(err)
			}
			log, err := ReadLog(ctx, State{Source: FromDatabase, URL: db.URL()}, snap, h)
			if err != nil {
				t.Fatal(err)
			}
			pending, unknown := "-", ""
			if log != nil {
				pending, unknown = strings.Join(log.Pending, " "), strings.Join(log.Unknown, " ")
			}
			if pending != tc.pending || unknown != tc.unknown {
				t.Errorf("pending %q, unknown %q; want %q, %q", pending, unknown, tc.pending, tc.unknown)
			}
		})
	}
}
