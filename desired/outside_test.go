package desired

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/kinds"
)

// What an extension brought is no drift where an upgrade has hidden that it did.
func TestBroughtByExtensions(t *testing.T) {
	f := newFixture(t, `
-- fresh.sql --
CREATE EXTENSION citext;
DO $$ BEGIN CREATE TABLE m (id int PRIMARY KEY, n text); CREATE INDEX own ON m (n); ALTER EXTENSION citext ADD TABLE m; END $$;
-- upgraded.sql --
CREATE EXTENSION citext;
CREATE TABLE m (id int PRIMARY KEY, n text);
CREATE INDEX own ON m (n);
COMMENT ON INDEX own IS 'gone with it';
ALTER EXTENSION citext ADD TABLE m;
CREATE INDEX theirs ON m (n);
`)
	state := func(name string) State {
		s, err := Names{}.Parse(filepath.Join(f.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	fresh, upgraded, err := f.b.Sides(context.Background(), state("fresh.sql"), state("upgraded.sql"))
	if err != nil {
		t.Fatal(err)
	}
	changes := diff.Compare(fresh, upgraded, kinds.All)
	var got []string
	for _, c := range changes {
		got = append(got, changeLine(c))
	}
	if diff := cmp.Diff([]string{"index public.theirs is missing"}, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got := upgraded.Hidden[broughtRule]; got != 4 {
		t.Errorf("%d objects are left out as brought, want the key and its index, the other index and its comment: %v", got, upgraded.Hidden)
	}
}
