package coverage

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tvl-platform/plumb/internal/devserver"
)

const small = `
-- prelude.sql --
CREATE SCHEMA platform;
-- pairs/column/from.sql --
CREATE TABLE t (id int);
-- pairs/column/to.sql --
CREATE TABLE t (id int, n text NOT NULL DEFAULT '');
CREATE VIEW v AS SELECT n FROM t WHERE s.f();
-- pairs/column/setup.sql --
CREATE SCHEMA s;
CREATE FUNCTION s.f() RETURNS bool LANGUAGE sql AS 'SELECT true';
-- pairs/broken/from.sql --
CREATE TABLE t (id nonsense);
-- pairs/broken/to.sql --
-- project/TX --
-- project/prelude.sql --
CREATE SCHEMA app;
-- project/history/001_a.sql --
CREATE TABLE app.a (id int);
-- project/history/002_b.sql --
INSERT INTO app.a VALUES (1), (1);
-- project/history/003_c.sql --
DELETE FROM app.a;
ALTER TABLE app.a ADD PRIMARY KEY (id);
`

// folder writes the small example.
func folder(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range txtar.Parse([]byte(small)).Files {
		path := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestCoverageOfASmallFolder(t *testing.T) {
	suites, err := Find(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	installed := devserver.Installed()
	if len(installed) == 0 {
		t.Skip("no PostgreSQL is installed; scripts/fetch-postgres fetches one")
	}
	r := Run{Major: installed[0].Major, Say: func(Result) {}}
	results, err := r.Do(context.Background(), suites)
	if err != nil {
		t.Fatal(err)
	}
	var rows, loads int
	for _, x := range results.Results {
		switch {
		case x.Check == Loads:
			loads++
		case x.Why != "":
			t.Errorf("%s/%s, %s: %s", x.Suite, x.Case, x.Check, x.Why)
		case x.Rows != "":
			rows++
		}
	}
	if loads != 1 || rows != 1 {
		t.Errorf("%d files were not taken and %d ways stopped by rows; want one each", loads, rows)
	}
	text := results.Markdown()
	for _, want := range []string{"| pairs | ", "| project | ", "pairs/broken, loads: ", `type "nonsense" does not exist`} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
}

func TestMergeReplacesASuiteOnAMajor(t *testing.T) {
	all := Results{Results: []Result{{Suite: "a", Major: 14, Why: "old"}, {Suite: "a", Major: 15, Why: "kept"}}}
	all.Merge(Results{Results: []Result{{Suite: "a", Major: 14, Why: "new"}}, Dumped: []int{14}})
	if len(all.Results) != 2 || all.Results[0].Why != "new" || all.Results[1].Why != "kept" || len(all.Dumped) != 1 {
		t.Errorf("merged to %+v", all)
	}
}
