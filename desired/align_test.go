package desired

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

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
	everything := onEveryMajor(t, "../catalog/testdata/everything.sql", "testdata/majors.sql")
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
