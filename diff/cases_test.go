package diff_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/pgdump"
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
//	undumped: why    why pg_dump alone sees a difference where a way ends
//
// The plans are those of the lowest of these majors from 15 up; on the others
// they must lead to the same end.
type testCase struct {
	archive     *txtar.Archive
	from, to    string
	first, last int
	roles       []string
	undumped    bool
	differed    bool // pg_dump saw a difference
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
	c.undumped = strings.Contains(string(a.Comment), "\nundumped: ")
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

// TestCases runs every case of testdata/diff there and back on every major:
// on the one whose plans are expected with a clone each way and pg_dump as a
// witness, on the others in place.
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
	before, after := look(t, from), look(t, to)
	if major == 18 || major == max(15, c.first) {
		occurred.note(before.Snapshot, after.Snapshot)
	}
	if major != max(15, c.first) {
		if err := dbtest.ThereAndBack(context.Background(), before, after); err != nil {
			t.Error(err)
		}
		return
	}
	there := c.migrate(t, server, before, after)
	back := c.migrate(t, server, after, before)
	if program, _ := pgdump.Find(context.Background(), major); c.undumped && program != "" && !c.differed {
		t.Error("pg_dump sees no difference: the case is undumped no more")
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
func (c *testCase) migrate(t *testing.T, server *devserver.Server, from, to dbtest.State) string {
	t.Helper()
	script, err := dbtest.Migrate(context.Background(), server, from, to)
	var broken *dbtest.Broken
	if c.undumped && errors.As(err, &broken) && broken.Law == dbtest.Undumped {
		c.differed = true
		return script
	}
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

func look(t *testing.T, d *devserver.Database) dbtest.State {
	t.Helper()
	s, err := dbtest.Look(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// occurred holds the attributes, by kind, that cases have given a value.
var occurred occurrences

type occurrences struct {
	mu    sync.Mutex
	attrs map[string]map[string]bool
}

func (o *occurrences) note(states ...*schema.Snapshot) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.attrs == nil {
		o.attrs = map[string]map[string]bool{}
	}
	for _, s := range states {
		for id, object := range s.Objects {
			if o.attrs[id.Kind] == nil {
				o.attrs[id.Kind] = map[string]bool{}
			}
			for i, name := range object.Attrs.Names {
				if object.Attrs.Values[i] != "" {
					o.attrs[id.Kind][name] = true
				}
			}
		}
	}
}

// noCase holds what no case can have, and why.
var noCase = map[string]string{
	"security label":               "needs a label provider, which is a loaded module",
	"subscription":                 "TestSubscriptions has one",
	"table tablespace":             "TestTablespaces has one",
	"index tablespace":             "TestTablespaces has one",
	"constraint index tablespace":  "TestTablespaces has one",
	"materialized view tablespace": "TestTablespaces has one",
	"partition pending":            "TestAPendingDetachIsEnded has one",
	"index validity":               "TestAnInvalidIndexIsMadeAnew has one",
	"procedure result":             "functions have it; the query is one",
	"procedure support":            "the same",
	"procedure transforms":         "the same",
	"procedure library":            "the same",
	"constraint index statistics":  "indexes have it; only exclusion constraints with expressions would",
	"operator class default":       "a default class for a type needs a type of its own",
}

// Every kind and every attribute occurs in a case. It runs after TestCases.
func TestEveryAttributeOccurs(t *testing.T) {
	if len(occurred.attrs) < len(kinds.All)/2 || *only != 0 {
		t.Skip("only after all cases, on all majors")
	}
	for _, k := range kinds.All {
		if noCase[k.Name] != "" {
			continue
		}
		if occurred.attrs[k.Name] == nil {
			t.Errorf("no case has a %s", k.Name)
			continue
		}
		for _, a := range k.Attrs {
			if !a.Fact && noCase[k.Name+" "+a.Name] == "" && !occurred.attrs[k.Name][a.Name] {
				t.Errorf("no case has a %s with %s", k.Name, a.Name)
			}
		}
	}
}
