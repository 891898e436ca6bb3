package diff_test

import (
	"context"
	"testing"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// largePair reads a schema of 1,000 tables before and after 1,000 changes.
func largePair(b *testing.B) (before, after *schema.Snapshot) {
	b.Helper()
	d := dbtest.Database(b, pool.Server(b, 15))
	if err := dbtest.Load(context.Background(), d, dbtest.Large(1000)); err != nil {
		b.Fatal(err)
	}
	before = benchRead(b, d)
	if err := dbtest.Load(context.Background(), d, `DO $$ BEGIN FOR i IN 1..250 LOOP
		EXECUTE format('ALTER TABLE large.t%s ADD COLUMN extra int NOT NULL DEFAULT 0', i);
		EXECUTE format('ALTER TABLE large.t%s ALTER COLUMN amount TYPE numeric(14,2)', i + 250);
		EXECUTE format('DROP TRIGGER touch ON large.t%s', i + 500);
		EXECUTE format('COMMENT ON TABLE large.t%s IS ''changed''', i + 750);
	END LOOP; END $$;`); err != nil {
		b.Fatal(err)
	}
	return before, benchRead(b, d)
}

func benchRead(b *testing.B, d *devserver.Database) *schema.Snapshot {
	b.Helper()
	s, err := dbtest.Read(context.Background(), d, kinds.All)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// Comparing two snapshots of 1,000 tables is to take under 100 ms.
func BenchmarkCompare(b *testing.B) {
	before, after := largePair(b)
	for b.Loop() {
		if len(diff.Compare(before, after, kinds.All)) < 1000 {
			b.Fatal("too few changes")
		}
	}
}

// Planning 1,000 changed objects is to take under a second.
func BenchmarkPlan(b *testing.B) {
	before, after := largePair(b)
	for b.Loop() {
		if _, err := diff.MakePlan(before, after, kinds.All); err != nil {
			b.Fatal(err)
		}
	}
}

// Planning 1,000 tables from nothing.
func BenchmarkPlanAll(b *testing.B) {
	_, after := largePair(b)
	for b.Loop() {
		if _, err := diff.MakePlan(schema.Empty(150000), after, kinds.All); err != nil {
			b.Fatal(err)
		}
	}
}
