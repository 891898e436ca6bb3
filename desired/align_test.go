package desired

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
)

// onEveryMajor replays files on every major that this machine has.
func onEveryMajor(t *testing.T, paths ...string) map[int]*Built {
	t.Helper()
	out := map[int]*Built{}
	for _, bin := range devserver.Installed() {
		b := NewBuilder(Config{Kinds: kinds.All, Server: devserver.Config{Major: bin.Major}})
		t.Cleanup(func() { b.Close() })
		var scripts []Script
		for _, path := range paths {
			more, err := readScripts(path)
			if err != nil {
				t.Fatal(err)
			}
			scripts = append(scripts, more...)
		}
		out[bin.Major] = &Built{State: State{Name: fmt.Sprintf("the schema on %d", bin.Major)}}
		if err := b.buildScripts(t.Context(), out[bin.Major], scripts); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// changes lists what differs between two states of different majors.
func changes(t *testing.T, b *Builder, x, y *Built) string {
	t.Helper()
	a, c, err := b.Align(context.Background(), x, y)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, ch := range diff.Compare(a.Snapshot, c.Snapshot, kinds.All) {
		out = append(out, changeLine(ch))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// What a script makes is the same, whichever majors it is made and compared on.
func TestMajorsPrintAlike(t *testing.T) {
	everything := onEveryMajor(t, "../catalog/testdata/everything.sql", "testdata/majors.sql", "testdata/majors_default.sql")
	b := NewBuilder(Config{Kinds: kinds.All})
	defer b.Close()
	for _, from := range dbtest.All {
		for _, to := range dbtest.All {
			x, y := everything[from], everything[to]
			if x == nil || y == nil {
				continue
			}
			if got := changes(t, b, x, y); got != "" {
				t.Errorf("%d and %d seem to differ:\n%s", from, to, got)
			}
		}
	}
}

// A change is found between any two majors, and nothing else is.
func TestMajorsDoNotHideChanges(t *testing.T) {
	const want = `comment on view m.v
constraint base_b_check on m.base
constraint base_b_check on m.derived
default for m.units.at
domain m.code
function m.atomic(integer)
index m.units_lower
not null m.units.email
policy p on m.units
privilege on column m.rooms.span to majors_reader
privilege on table m.units to majors_reader
publication another
publication relation m.units in publication another
sequence m.s
view m.w`
	was := onEveryMajor(t, "testdata/majors.sql")
	is := onEveryMajor(t, "testdata/majors.sql", "testdata/majors_changed.sql")
	b := NewBuilder(Config{Kinds: kinds.All})
	defer b.Close()
	for _, pair := range [][2]int{{14, 18}, {18, 14}, {15, 16}, {17, 18}, {16, 15}} {
		x, y := was[pair[0]], is[pair[1]]
		if x == nil || y == nil {
			continue
		}
		got := []string{}
		for _, line := range strings.Split(changes(t, b, x, y), "\n") {
			for _, end := range []string{" is missing", " should not be there", ": "} {
				line, _, _ = strings.Cut(line, end)
			}
			got = append(got, line)
		}
		if d := cmp.Diff(strings.Split(want, "\n"), got); d != "" {
			t.Errorf("between %v (-want +got):\n%s", pair, d)
		}
	}
}

// Where migrations are proved on an older server, the wanted state is passed
// through that one, unless it holds what that one cannot make.
func TestAlignToAnOlderMajor(t *testing.T) {
	f := newFixture(t, `
-- same.sql --
CREATE TABLE t (id integer PRIMARY KEY, n text NOT NULL);
CREATE VIEW v AS SELECT t.id FROM t WHERE t.n <> '';
-- newer.sql --
CREATE TABLE t (id integer PRIMARY KEY, n text NOT NULL, g integer GENERATED ALWAYS AS (id + 1) VIRTUAL);
`)
	same := onEveryMajor(t, filepath.Join(f.dir, "same.sql"))
	if same[15] == nil || same[18] == nil {
		t.Skip("PostgreSQL 15 and 18 are not both installed")
	}
	a, c, err := f.b.AlignTo(t.Context(), same[15], same[18])
	if err != nil {
		t.Fatal(err)
	}
	if got := diff.Compare(a.Snapshot, c.Snapshot, kinds.All); len(got) > 0 {
		t.Errorf("15 and 18 seem to differ in %v", got)
	}
	b := NewBuilder(Config{Kinds: kinds.All, Server: devserver.Config{Major: 18}})
	defer b.Close()
	newer, err := b.Build(t.Context(), State{Name: "newer", Source: FromSQL, Path: filepath.Join(f.dir, "newer.sql")})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = f.b.AlignTo(t.Context(), same[15], newer)
	if err == nil || !strings.Contains(err.Error(), "newer cannot be made on the PostgreSQL 15 that is to print both") {
		t.Errorf("got %v", err)
	}
}
