package diff_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/tvl-platform/plumb/diff"
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

// migrate plans the way from one database to another, runs the plan on a copy
// and wants nothing left to do, every row that should be there still there,
// and pg_dump to agree. It returns the plan.
func migrate(t *testing.T, server *devserver.Server, from, to *devserver.Database) string {
	t.Helper()
	was, want := read(t, from), read(t, to)
	plan, err := diff.MakePlan(was, want, kinds.All)
	if err != nil {
		t.Fatal(err)
	}
	script := ""
	for _, s := range plan.Statements() {
		script += s + ";\n"
	}
	copied := dbtest.Clone(t, server, from)
	before := countRows(t, copied, was)
	load(t, copied, script)
	got := read(t, copied)
	rest, err := diff.MakePlan(got, want, kinds.All)
	if err != nil {
		t.Fatal(err)
	}
	if len(diff.Compare(got, want, kinds.All)) > 0 {
		t.Errorf("the plan does not lead there:\n%s\nleft to do:\n%s", script, strings.Join(rest.Statements(), ";\n"))
	}
	wantRows(t, before, countRows(t, copied, got), plan)
	sameDump(t, server.Major(), copied, to)
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

// countRows counts the rows of every table.
func countRows(t *testing.T, d *devserver.Database, s *schema.Snapshot) map[schema.ID]int {
	t.Helper()
	conn := dbtest.Connect(t, d)
	defer conn.Close(context.Background())
	out := map[schema.ID]int{}
	for id := range s.Objects {
		if id.Kind != "table" {
			continue
		}
		var n int
		if err := conn.QueryRow(context.Background(), "SELECT count(*) FROM ONLY "+id.Name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[id] = n
	}
	return out
}

// wantRows wants as many rows in each table as before, unless the plan says
// that it loses them.
func wantRows(t *testing.T, before, after map[schema.ID]int, plan *diff.Plan) {
	t.Helper()
	for id, n := range before {
		if got, ok := after[id]; ok && got != n && !slices.Contains(plan.Loses(), id) {
			t.Errorf("%s had %d rows and has %d", id, n, got)
		}
	}
}

// sameDump wants pg_dump to print the same of both databases, the order of
// lines (and so of columns) aside. pg_dump cannot read a server newer than itself.
func sameDump(t *testing.T, major int, a, b *devserver.Database) {
	t.Helper()
	bin := pgDump()
	if bin == "" || major > 15 {
		return
	}
	if d := cmp.Diff(dump(t, bin, b), dump(t, bin, a)); d != "" {
		t.Errorf("pg_dump sees a difference (-want +got):\n%s", d)
	}
}

func pgDump() string {
	if bin := "/usr/lib/postgresql/15/bin/pg_dump"; exec.Command(bin, "--version").Run() == nil {
		return bin
	}
	bin, _ := exec.LookPath("pg_dump")
	return bin
}

var noise = regexp.MustCompile(`^(--.*|pg_dump: .*|\\(un)?restrict .*|)$`)

func dump(t *testing.T, bin string, d *devserver.Database) []string {
	t.Helper()
	out, err := exec.Command(bin, "--schema-only", "--dbname", d.URL()).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var lines []string
	for _, l := range strings.Split(string(out), "\n") {
		if !noise.MatchString(l) {
			lines = append(lines, strings.TrimSuffix(l, ","))
		}
	}
	slices.Sort(lines)
	return lines
}
