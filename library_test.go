package plumb_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// program is what somebody else's module does with plumb.
const program = `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/kinds"
)

func main() {
	b := desired.NewBuilder(desired.Config{
		Server: desired.Server{Download: false},
		Layout: history.Layout{Numbering: history.OneSequence},
		Scope:  desired.Scope{Exclude: []string{"audit"}},
	})
	defer b.Close()
	from, err := desired.Names{}.Parse("migrations")
	to, err2 := desired.Names{}.Parse("schema.sql")
	if err != nil || err2 != nil {
		log.Fatal(err, err2)
	}
	old, now, err := b.Sides(context.Background(), from, to)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := diff.MakePlan(old, now, kinds.All)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(plan.Statements())
}
`

// Another module imports plumb and does what the command does.
func TestOtherModulesCanImportPlumb(t *testing.T) {
	if testing.Short() {
		t.Skip("a program is built")
	}
	if len(devserver.Installed()) == 0 {
		t.Skip("there is no PostgreSQL on this machine; scripts/fetch-postgres fetches one")
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	const self = "github.com/tvl-platform/plumb"
	text := strings.Replace(string(mod), "module "+self, "module example.com/other", 1) +
		"\nrequire " + self + " v0.0.0\nreplace " + self + " => " + here + "\n"
	dir := t.TempDir()
	for name, data := range map[string]string{
		"go.mod": text, "go.sum": string(sum), "main.go": program,
		"migrations/001_units.sql": "create schema audit; create table units (id int);",
		"schema.sql":               "create table units (id int, name text);",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "run", ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if got := string(out); err != nil || got != "[ALTER TABLE public.units ADD COLUMN name text]\n" {
		t.Errorf("the program says %v\n%s", err, got)
	}
}
