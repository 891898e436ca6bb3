package diff_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

var (
	update = flag.Bool("update", false, "write the plans of the cases anew")
	only   = flag.Int("major", 0, "run the cases on this major alone")
)

var pool dbtest.Pool

func TestMain(m *testing.M) {
	flag.Parse()
	pool.Run(m)
}

// A testCase is a file of testdata/diff: a sentence; from.sql and to.sql; the
// expected plan.sql there and back.sql; and, in lines of the sentence's
// paragraph that begin so,
//
//	majors: 15-      the majors it runs on: 15-, -16, 15-17
//	roles: a "b c"   roles to be there, quoted as in SQL
//
// The plans are those of the lowest of these majors from 15 up; on the others
// they must lead to the same end.
type testCase struct {
	archive     *txtar.Archive
	from, to    string
	first, last int
	roles       []string
}

func readCase(t *testing.T, file string) *testCase {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &testCase{archive: a, first: 14, last: 99}
	for _, line := range strings.Split(string(a.Comment), "\n") {
		if spec, ok := strings.CutPrefix(line, "majors: "); ok {
			first, last, _ := strings.Cut(spec, "-")
			if n, err := strconv.Atoi(first); err == nil {
				c.first = n
			}
			if n, err := strconv.Atoi(last); err == nil {
				c.last = n
			}
		}
		if spec, ok := strings.CutPrefix(line, "roles: "); ok {
			c.roles = regexp.MustCompile(`"(?:[^"]|"")*"|\S+`).FindAllString(spec, -1)
		}
	}
	c.from, c.to = c.file("from.sql"), c.file("to.sql")
	return c
}

func (c *testCase) file(name string) string {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func (c *testCase) set(name, data string) {
	if data != "" && !strings.HasSuffix(data, "\n") {
		data += "\n"
	}
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == name {
			c.archive.Files[i].Data = []byte(data)
			return
		}
	}
	c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: []byte(data)})
}

// TestCases runs every case of testdata/diff there and back on every major.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("../testdata/diff/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			c := readCase(t, file)
			if *update {
				t.Cleanup(func() {
					if err := os.WriteFile(file, txtar.Format(c.archive), 0o644); err != nil {
						t.Error(err)
					}
				})
			}
			for _, major := range dbtest.All {
				if major < c.first || major > c.last || *only != 0 && major != *only {
					continue
				}
				t.Run(fmt.Sprint(major), func(t *testing.T) {
					t.Parallel()
					c.run(t, major)
				})
			}
		})
	}
}

func (c *testCase) run(t *testing.T, major int) {
	server := pool.Server(t, major)
	c.makeRoles(t, server)
	from, to := dbtest.Database(t, server), dbtest.Database(t, server)
	load(t, from, c.from)
	load(t, to, c.to)
	there := migrate(t, server, from, to)
	back := migrate(t, server, to, from)
	if major != max(15, c.first) {
		return
	}
	if *update {
		c.set("plan.sql", there)
		c.set("back.sql", back)
		return
	}
	if d := cmp.Diff(c.file("plan.sql"), there); d != "" {
		t.Errorf("the plan differs (-want +got):\n%s", d)
	}
	if d := cmp.Diff(c.file("back.sql"), back); d != "" {
		t.Errorf("the plan of the way back differs (-want +got):\n%s", d)
	}
}

func (c *testCase) makeRoles(t *testing.T, s *devserver.Server) {
	t.Helper()
	if len(c.roles) == 0 {
		return
	}
	d := dbtest.Database(t, s)
	for _, r := range c.roles {
		load(t, d, `DO $$ BEGIN CREATE ROLE `+r+`; EXCEPTION WHEN duplicate_object THEN NULL; END $$`)
	}
}

// migrate plans the way from one database to another and wants the plan to
// keep the laws of a migration. It returns the plan.
func migrate(t *testing.T, server *devserver.Server, from, to *devserver.Database) string {
	t.Helper()
	script, err := dbtest.Migrate(context.Background(), server, from, to)
	if err != nil {
		t.Errorf("%v\nthe plan:\n%s", err, script)
	}
	return script
}

func load(t *testing.T, d *devserver.Database, sql string) {
	t.Helper()
	if err := dbtest.Load(context.Background(), d, sql); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, d *devserver.Database) *schema.Snapshot {
	t.Helper()
	s, err := dbtest.Read(context.Background(), d, kinds.All)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
