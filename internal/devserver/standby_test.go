package devserver_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
)

// A hot standby is read as its primary would be.
func TestStandby(t *testing.T) {
	s := start(t, devserver.Config{})
	db, err := s.Create(t.Context(), devserver.Locale{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const schema = `CREATE TABLE units (id integer PRIMARY KEY, name text); CREATE VIEW names AS SELECT name FROM units;
		CREATE TABLE migrations_log (filename text); INSERT INTO migrations_log VALUES ('001_units.sql')`
	if err := conn.PgConn().Exec(t.Context(), schema).Close(); err != nil {
		t.Fatal(err)
	}
	conn.Close(t.Context())
	take := func() *desired.Saved {
		b := desired.NewBuilder(desired.Config{Kinds: kinds.All})
		defer b.Close()
		saved, err := b.Take(context.Background(), desired.State{Name: "live", Source: desired.FromDatabase, URL: db.URL()})
		if err != nil {
			t.Fatal(err)
		}
		return saved
	}
	before := take()
	if err := s.BecomeStandby(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := take()
	if before.Taken.Standby || !after.Taken.Standby {
		t.Errorf("a standby: %v before, %v after", before.Taken.Standby, after.Taken.Standby)
	}
	if d := cmp.Diff(before.State, after.State); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(before.Log, after.Log); d != "" {
		t.Error(d)
	}
}
