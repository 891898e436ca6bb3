package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tvl-platform/plumb/diff"
)

// Two changes of one state are merged, or it is said why they cannot be.
func TestMerge(t *testing.T) {
	for _, c := range []struct{ name, base, ours, theirs, want string }{
		{"each side adds", "table t", "table t\ncolumn a in t", "table t\ncolumn b in t", "table t\ncolumn a in t\ncolumn b in t"},
		{"both add the same", "table t", "table t\ncolumn a def=1 in t", "table t\ncolumn a def=1 in t", "table t\ncolumn a def=1 in t"},
		{"each side alters another attribute", "view v def=1 made=1", "view v def=2 made=1", "view v def=1 made=2", "view v def=2 made=2"},
		{"both drop", "table t\ntable u", "table u", "table u", "table u"},
		{"ours drops what theirs left alone", "table t\ntable u", "table u", "table t\ntable u\ntable w", "table u\ntable w"},
		{"ours has an object rest on another one", "index i\nkey k : i", "index j\nkey k : j", "index i\nkey k : i\ntable t", "index j\nkey k : j\ntable t"},

		{"both add, and differ", "table t", "table t\ncolumn a def=1 in t", "table t\ncolumn a def=2 in t", "column a: both branches make it, and differ in its def"},
		{"both alter one attribute", "view v def=1", "view v def=2", "view v def=3", "view v: both branches change its def"},
		{"ours alters what theirs drops", "view v def=1", "view v def=2", "", "view v: one branch drops it, the other changes its def"},
		{"ours drops what theirs alters", "view v def=1", "", "view v def=2", "view v: one branch drops it, the other changes its def"},
		{"ours drops what theirs came to need", "table t", "", "table t\nview v : t", "view v: it needs table t, which the other branch drops"},
		{"ours came to need what theirs drops", "table t", "table t\ncolumn a in t", "", "column a: it needs table t, which the other branch drops"},
	} {
		t.Run(c.name, func(t *testing.T) {
			merged, conflicts := diff.Merge(mini(t, c.base), mini(t, c.ours), mini(t, c.theirs), miniKinds())
			if len(conflicts) > 0 {
				var said []string
				for _, conflict := range conflicts {
					said = append(said, conflict.String())
				}
				if diff := cmp.Diff(c.want, strings.Join(said, "\n")); diff != "" {
					t.Error(diff)
				}
				return
			}
			if diff := cmp.Diff(mini(t, c.want).Sorted(), merged.Sorted()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
