package devserver

import (
	"fmt"
	"testing"
)

// Whatever a run changes outside of its databases, clean sees it.
func TestEveryChangeOutsideOfDatabasesIsSeen(t *testing.T) {
	for _, b := range Installed() {
		t.Run(fmt.Sprint(b.Major), func(t *testing.T) {
			s, err := Start(t.Context(), Config{BinDir: b.Dir})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Create(t.Context(), Locale{}); err != nil {
				t.Fatal(err)
			}
			s.cluster.spares.work.Wait() // describe must not see a spare
			before, err := describe(t.Context(), s.admin)
			if err != nil {
				t.Fatal(err)
			}
			for _, change := range changes {
				if b.Major < change.since {
					continue
				}
				if _, err := s.admin.Exec(t.Context(), change.sql); err != nil {
					t.Fatalf("%s: %v", change.sql, err)
				}
				after, err := describe(t.Context(), s.admin)
				if err != nil || after == before {
					t.Errorf("not seen: %s %v", change.sql, err)
				}
				before = after
			}
		})
	}
}

var changes = []struct {
	sql   string
	since int
}{
	{sql: "CREATE ROLE a"},
	{sql: "ALTER ROLE a CREATEDB"},
	{sql: "CREATE ROLE b"},
	{sql: "GRANT a TO b"},
	{sql: "ALTER ROLE a SET work_mem = '1MB'"},
	{sql: "ALTER DATABASE postgres SET work_mem = '1MB'"},
	{sql: "COMMENT ON ROLE a IS 'text'"},
	{sql: "GRANT CREATE ON DATABASE postgres TO a"},
	{sql: "GRANT CREATE ON TABLESPACE pg_default TO a"},
	{sql: "GRANT SET ON PARAMETER work_mem TO a", since: 15},
	{sql: "ALTER ROLE postgres PASSWORD 'x'"},
	{sql: "SELECT pg_create_physical_replication_slot('s')"},
	{sql: "SELECT pg_replication_origin_create('o')"},
	{sql: "CREATE DATABASE other"},
	{sql: "ALTER DATABASE template1 CONNECTION LIMIT 3"},
}
