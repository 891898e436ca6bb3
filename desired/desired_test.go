package desired

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// A fixture is a folder with the files of a txtar, and a builder.
type fixture struct {
	dir string
	b   *Builder
	log []string
}

// newFixture unpacks files. Those called init*.sql stand for the platform.
func newFixture(t *testing.T, archive string) *fixture {
	t.Helper()
	if len(devserver.Installed()) == 0 {
		t.Skip("there is no PostgreSQL on this machine; scripts/fetch-postgres fetches one")
	}
	f := &fixture{dir: t.TempDir()}
	cfg := Config{Kinds: kinds.All, Log: func(s string) { f.log = append(f.log, s) }}
	for _, file := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(f.dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(file.Name, "init") {
			cfg.Init = append(cfg.Init, path)
		}
	}
	f.b = NewBuilder(cfg)
	t.Cleanup(func() { f.b.Close() })
	return f
}

func (f *fixture) build(t *testing.T, name string) *Built {
	t.Helper()
	b, err := f.try(t, name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (f *fixture) try(t *testing.T, name string) (*Built, error) {
	t.Helper()
	s, err := Names{Dir: filepath.Join(f.dir, "migrations")}.Parse(filepath.Join(f.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return f.b.Build(context.Background(), s)
}

func has(s *schema.Snapshot, kind, name string) bool {
	return s.Objects[schema.ID{Kind: kind, Name: name}] != nil
}

func TestEveryFileFindsANewSession(t *testing.T) {
	f := newFixture(t, `
-- migrations/001_leaks.sql --
SET search_path = pg_catalog;
SELECT set_config('role', 'pg_monitor', false);
CREATE TEMP TABLE left_over (id int);
PREPARE q AS SELECT 1;
-- migrations/002_plain.sql --
CREATE TABLE units (id int PRIMARY KEY);
CREATE TEMP TABLE left_over (id int);
PREPARE q AS SELECT 2;
-- migrations/003_setting.sql --
CREATE SCHEMA app;
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app', current_database()); END $$;
CREATE TABLE still_public (id int);
-- migrations/004_after.sql --
CREATE TABLE in_app (id int);
`)
	got := f.build(t, "migrations").Snapshot
	for _, name := range []string{"public.units", "public.still_public", "app.in_app"} {
		if !has(got, "table", name) {
			t.Errorf("there is no table %s", name)
		}
	}
}

func TestStatementsAreCommittedOneByOne(t *testing.T) {
	f := newFixture(t, `
-- migrations/001_concurrently.sql --
CREATE TABLE units (id int, name text);
COPY units FROM STDIN;
1	a
2	b
\.
CREATE INDEX CONCURRENTLY units_id_idx ON units (id);
DO $$ BEGIN ASSERT (SELECT count(*) FROM units) = 2; END $$;
CREATE TYPE mood AS ENUM ('sad');
ALTER TYPE mood ADD VALUE 'happy';
CREATE TABLE moods (m mood DEFAULT 'happy');
-- migrations/002_transaction.sql --
BEGIN;
LOCK TABLE units;
COMMIT;
-- migrations/003_asks.sql --
-- atlas:txmode file

LOCK TABLE units;
-- migrations/004_needs.sql --
LOCK TABLE units;
`)
	got := f.build(t, "migrations").Snapshot
	if !has(got, "index", "public.units_id_idx") {
		t.Error("there is no index")
	}
	if log := strings.Join(f.log, "\n"); !strings.Contains(log, "004_needs.sql is replayed in a transaction") {
		t.Errorf("it was said: %s", log)
	}
}

func TestAFailureShowsThePlace(t *testing.T) {
	f := newFixture(t, `
-- migrations/001_units.sql --
CREATE TABLE units (id int PRIMARY KEY);

CREATE TABLE rooms (
    id      int PRIMARY KEY,
    unit_id int REFERENCES unit
);
CREATE TABLE never (id int);
-- open.sql --
BEGIN;
CREATE TABLE t (id int);
-- detail.sql --
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1), (1);
`)
	_, err := f.try(t, "migrations")
	want := `cannot replay 001_units.sql:3:1: relation "unit" does not exist (42P01); is it created by a later migration, or by the platform (--dev-init)?
     3 | CREATE TABLE rooms (
     4 |     id      int PRIMARY KEY,
     5 |     unit_id int REFERENCES unit
     6 | );`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	var failed *StatementError
	if !errors.As(err, &failed) || failed.Statement.Line != 3 {
		t.Errorf("the error is a %T", err)
	}
	if _, err := f.try(t, "open.sql"); err == nil || !strings.Contains(err.Error(), "begins a transaction and does not end it") {
		t.Errorf("got %v", err)
	}
	if _, err := f.try(t, "detail.sql"); err == nil || !strings.Contains(err.Error(), "detail: Key (id)=(1) already exists.") {
		t.Errorf("got %v", err)
	}
}

func TestCaretPointsAtThePosition(t *testing.T) {
	f := newFixture(t, "-- bad.sql --\nSELECT 1;\n\tSELECT 'é', nothing\n  FROM pg_class;\n")
	_, err := f.try(t, "bad.sql")
	want := "     2 |  SELECT 'é', nothing\n       |              ^\n     3 |   FROM pg_class;"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestWhatThePlatformMadeIsNotCompared(t *testing.T) {
	f := newFixture(t, `
-- init.sql --
CREATE SCHEMA auth;
CREATE TABLE auth.users (id int PRIMARY KEY);
CREATE TABLE auth.sessions (id int);
CREATE ROLE visitor;
-- migrations/001_app.sql --
CREATE TABLE posts (author int REFERENCES auth.users);
ALTER TABLE auth.users ADD COLUMN nick text;
ALTER TABLE auth.sessions SET (fillfactor = 50);
GRANT SELECT ON posts TO visitor;
-- other.sql --
CREATE TABLE posts (author int REFERENCES auth.users);
`)
	history, other := f.build(t, "migrations"), f.build(t, "other.sql")
	out := f.b.Outside(history, other)
	was, is := out.Remove(history.Snapshot), out.Remove(other.Snapshot)
	for _, tc := range []struct {
		kind, name string
		want       bool
	}{
		{"schema", "auth", false},
		{"table", "auth.users", false},
		{"column", "auth.users.nick", true},
		{"table", "auth.sessions", true}, // the history has changed it
		{"table", "public.posts", true},
	} {
		if got := has(was, tc.kind, tc.name); got != tc.want {
			t.Errorf("%s %s is compared: %v, want %v", tc.kind, tc.name, got, tc.want)
		}
	}
	if was.Hidden[platformRule] == 0 || is.Hidden[platformRule] == 0 {
		t.Errorf("hidden: %v and %v", was.Hidden, is.Hidden)
	}
}

func TestProveRunsTheMigration(t *testing.T) {
	f := newFixture(t, `
-- init.sql --
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = "$user", app', current_database()); END $$;
CREATE SCHEMA app;
-- migrations/001_units.sql --
CREATE TABLE units (
    id   int PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('cabin', 'house')),
    code text NOT NULL CHECK (code ~ '^[a-z]{3}$')
);
CREATE TABLE rooms (unit_id int NOT NULL REFERENCES units, size numeric);
-- to.sql --
CREATE TABLE units (
    id   int PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('cabin', 'house')),
    code text NOT NULL CHECK (code ~ '^[a-z]{3}$'),
    beds int
);
CREATE TABLE rooms (unit_id int NOT NULL REFERENCES units, size numeric);
`)
	to := f.build(t, "to.sql")
	from := f.build(t, "migrations")
	out := f.b.Outside(from, to)
	claim := Claim{From: from, Want: out.Remove(to.Snapshot), Outside: out}
	for _, tc := range []struct{ sql, want string }{
		{"ALTER TABLE units ADD COLUMN beds int;", ""},
		{"ALTER TABLE units ADD COLUMN beds bigint;", `type is "bigint" and should be "integer"`},
		{"ALTER TABLE units ADD COLUMN beds int; DELETE FROM rooms;", "app.rooms had 1 rows and has 0"},
		{"ALTER TABLE units ADD COLUMN beds int; ALTER TABLE rooms DROP size; ALTER TABLE rooms ADD size numeric;", "the values of app.rooms.size are gone"},
		{"ALTER TABLE units ADD COLUMN beds int NOT NULL; ALTER TABLE units ALTER beds DROP NOT NULL;", "stopped"},
	} {
		var err error
		if claim.Script, err = NewScript("002.sql", tc.sql); err != nil {
			t.Fatal(err)
		}
		proof, err := f.b.Prove(context.Background(), claim)
		if proof.Stopped != nil && err == nil {
			err = errors.New("stopped")
		}
		if tc.want == "" && (err != nil || proof.Seeded != 2) || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s\ngives %v, %+v; want %q", tc.sql, err, proof, tc.want)
		}
	}
	if left := diff.Compare(f.build(t, "migrations").Snapshot, from.Snapshot, kinds.All); len(left) > 0 {
		t.Errorf("built again, it differs: %v", left)
	}
}
