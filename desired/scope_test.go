package desired

import (
	"testing"

	"github.com/tvl-platform/plumb/schema"
)

func TestScope(t *testing.T) {
	snap := schema.Empty(150000)
	add := func(kind, name string, parent schema.ID, needs ...schema.ID) *schema.Object {
		o := &schema.Object{ID: schema.ID{Kind: kind, Name: name}, Parent: parent, Needs: needs}
		snap.Objects[o.ID] = o
		return o
	}
	none := schema.ID{}
	auth := add("schema", "auth", none)
	users := add("table", "auth.users", none, auth.ID)
	id := add("column", "auth.users.id", users.ID)
	odd := add("schema", `"Odd"`, none)
	units := add("table", `"Odd".units`, none, odd.ID)
	view := add("view", `"Odd".tmp_units`, none, odd.ID, units.ID)

	for _, tc := range []struct {
		scope Scope
		out   []*schema.Object
	}{
		{Scope{}, nil},
		{Scope{Exclude: []string{"auth"}}, []*schema.Object{auth, users, id}},
		{Scope{Exclude: []string{"auth.*"}}, []*schema.Object{users, id}},
		{Scope{Exclude: []string{"auth.users.id"}}, []*schema.Object{id}},
		{Scope{Exclude: []string{"*.*[type=view]"}}, []*schema.Object{view}},
		{Scope{Exclude: []string{"Odd.tmp_*"}}, []*schema.Object{view}},
		{Scope{Include: []string{"auth"}}, []*schema.Object{odd, units, view}},
		{Scope{Include: []string{"Odd.units"}}, []*schema.Object{auth, users, id, view}},
		{Scope{Include: []string{"auth", "Odd.*[type=view]"}}, []*schema.Object{units}},
		{Scope{Include: []string{"auth.users"}, Exclude: []string{"auth.users.id"}}, []*schema.Object{id, odd, units, view}},
		{Scope{Schemas: []string{"Odd"}}, []*schema.Object{auth, users, id}},
	} {
		got := Outside{scope: tc.scope}.Remove(snap)
		for _, o := range tc.out {
			if got.Objects[o.ID] != nil {
				t.Errorf("%+v keeps %s", tc.scope, o.ID)
			}
		}
		if want := len(snap.Objects) - len(tc.out); len(got.Objects) != want {
			t.Errorf("%+v keeps %d objects, want %d", tc.scope, len(got.Objects), want)
		}
	}
	if err := (Scope{Exclude: []string{"a[b"}}).Check(); err == nil {
		t.Error("a pattern that cannot be read is no error")
	}
}
