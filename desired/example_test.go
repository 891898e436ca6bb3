package desired_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/kinds"
)

func TestMain(m *testing.M) {
	dbtest.SkipExamples()
	os.Exit(m.Run())
}

// What plumb diff --from migrations --to schema.sql does.
func Example() {
	dir := write(map[string]string{
		"migrations/001_units.sql": "create table units (id int primary key);",
		"schema.sql":               "create table units (id int primary key, name text not null);",
	})
	defer os.RemoveAll(dir)

	ctx := context.Background()
	b := desired.NewBuilder(desired.Config{Server: desired.Server{Log: func(text string) { fmt.Println(text) }}})
	defer b.Close()
	from, err := desired.Names{}.Parse(filepath.Join(dir, "migrations"))
	check(err)
	to, err := desired.Names{}.Parse(filepath.Join(dir, "schema.sql"))
	check(err)
	old, now, err := b.Sides(ctx, from, to)
	check(err)
	plan, err := diff.MakePlan(old, now, kinds.All)
	check(err)
	for _, sql := range plan.Statements() {
		fmt.Println(sql)
	}
	// Output:
	// ALTER TABLE public.units ADD COLUMN name text NOT NULL
}

// What a migration leads to is proved on a copy of what it starts from.
func ExampleBuilder_Prove() {
	dir := write(map[string]string{
		"migrations/001_units.sql": "create table units (id int primary key);",
		"schema.sql":               "create table units (id int primary key, beds int);",
	})
	defer os.RemoveAll(dir)

	ctx := context.Background()
	b := desired.NewBuilder(desired.Config{})
	defer b.Close()
	want, err := b.Build(ctx, desired.State{Name: "schema.sql", Source: desired.FromSQL, Path: filepath.Join(dir, "schema.sql")})
	check(err)
	from, err := b.Build(ctx, desired.State{Name: "migrations", Source: desired.FromHistory, Path: filepath.Join(dir, "migrations")})
	check(err)
	for _, text := range []string{"alter table units add column beds bigint;", "alter table units add column beds int;"} {
		script, err := desired.NewScript("002_beds.sql", text)
		check(err)
		_, err = b.Prove(ctx, desired.Claim{From: from, Script: script, Want: want.Snapshot})
		fmt.Println(err != nil)
	}
	// Output:
	// true
	// false
}

// write writes files into a new folder.
func write(files map[string]string) string {
	dir, err := os.MkdirTemp("", "plumb-example-")
	check(err)
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, []byte(text), 0o644))
	}
	return dir
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
