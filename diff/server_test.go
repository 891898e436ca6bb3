package diff_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
)

// What has a tablespace moves there, and back, with its rows: tables,
// partitions, indexes, keys and materialized views.
func TestTablespaces(t *testing.T) {
	for _, major := range dbtest.All {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			server := pool.Server(t, major)
			conn := dbtest.Connect(t, dbtest.Database(t, server))
			for _, sql := range []string{"SET allow_in_place_tablespaces = on", "CREATE TABLESPACE shelf LOCATION ''"} {
				if _, err := conn.Exec(context.Background(), sql); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() { // after the databases made below are dropped
				if _, err := conn.Exec(context.Background(), "DROP TABLESPACE shelf"); err != nil {
					t.Error(err)
				}
			})
			from, to := dbtest.Database(t, server), dbtest.Database(t, server)
			const script = `
CREATE TABLE units (id int CONSTRAINT units_pkey PRIMARY KEY%[2]s, name text)%[1]s;
INSERT INTO units VALUES (1, 'a'), (2, 'b');
CREATE INDEX units_name ON units (name)%[1]s;
CREATE TABLE stays (day int, unit int) PARTITION BY RANGE (day)%[1]s;
CREATE TABLE stays_1 PARTITION OF stays FOR VALUES FROM (0) TO (10)%[1]s;
CREATE TABLE stays_2 PARTITION OF stays FOR VALUES FROM (10) TO (20) TABLESPACE pg_default;
CREATE INDEX stays_unit ON stays (unit);
CREATE MATERIALIZED VIEW names%[1]s AS SELECT name FROM units;`
			load(t, from, fmt.Sprintf(script, "", ""))
			load(t, to, fmt.Sprintf(script, " TABLESPACE shelf", " USING INDEX TABLESPACE shelf"))
			before, after := look(t, from), look(t, to)
			for _, kind := range []string{"table", "index", "constraint index", "materialized view"} {
				if !hasTablespace(after, kind) {
					t.Errorf("no %s is read with its tablespace", kind)
				}
			}
			if err := dbtest.ThereAndBack(context.Background(), before, after); err != nil {
				t.Error(err)
			}
			empty := dbtest.Database(t, server)
			if err := dbtest.ThereAndBack(context.Background(), look(t, empty), after); err != nil {
				t.Error(err)
			}
		})
	}
}

func hasTablespace(s dbtest.State, kind string) bool {
	for id, o := range s.Snapshot.Objects {
		if id.Kind == kind && o.Get("tablespace") == "shelf" {
			return true
		}
	}
	return false
}

// A subscription is made, altered and dropped without a word to the server that
// it would receive from, and its connection string is nowhere.
func TestSubscriptions(t *testing.T) {
	for _, major := range dbtest.All {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			server := pool.Server(t, major)
			empty, from, to := dbtest.Database(t, server), dbtest.Database(t, server), dbtest.Database(t, server)
			const script = "CREATE SUBSCRIPTION arrivals CONNECTION 'host=elsewhere password=hunter2' PUBLICATION %s WITH (connect = false, slot_name = NONE%s)"
			for _, d := range []*devserver.Database{empty, from, to} { // the server keeps a database that has one
				t.Cleanup(func() { load(t, d, "DROP SUBSCRIPTION IF EXISTS arrivals") })
			}
			load(t, from, fmt.Sprintf(script, "stays", ""))
			load(t, to, fmt.Sprintf(script, `stays, "Units"`, ", binary = true, streaming = true"))
			before, after := look(t, from), look(t, to)
			for _, s := range []dbtest.State{before, after} {
				for id, o := range s.Snapshot.Objects {
					if strings.Contains(strings.Join(o.Attrs.Values, " "), "hunter2") {
						t.Errorf("%s shows the password", id)
					}
				}
			}
			if err := dbtest.ThereAndBack(context.Background(), before, after); err != nil {
				t.Error(err)
			}
			if err := dbtest.ThereAndBack(context.Background(), look(t, empty), after); err != nil {
				t.Error(err)
			}
		})
	}
}

// A view that reads a function's rows names the columns of their table by position:
// where they come in another order, the plan does not claim to lead there.
func TestColumnsByPositionAreNotMixedUp(t *testing.T) {
	for _, major := range dbtest.All {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			server := pool.Server(t, major)
			from, to := dbtest.Database(t, server), dbtest.Database(t, server)
			const script = `CREATE TABLE t (%s);
CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM public.t';
CREATE VIEW v AS SELECT a FROM f()`
			load(t, from, fmt.Sprintf(script, "a int, b int"))
			load(t, to, fmt.Sprintf(script, "b int, a int"))
			var broken *dbtest.Broken
			if _, err := dbtest.Migrate(context.Background(), server, look(t, from), look(t, to)); !errors.As(err, &broken) || broken.Law != dbtest.Astray {
				t.Errorf("the plan is taken for right: %v", err)
			}
		})
	}
}
