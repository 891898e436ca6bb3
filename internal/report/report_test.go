package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

func object(kind, name string, parent schema.ID, attrs ...string) *schema.Object {
	o := &schema.Object{ID: schema.ID{Kind: kind, Name: name}, Parent: parent}
	for i := 0; i < len(attrs); i += 2 {
		o.Attrs.Names = append(o.Attrs.Names, attrs[i])
		o.Attrs.Values = append(o.Attrs.Values, attrs[i+1])
	}
	return o
}

var kinds = schema.Kinds{
	{Name: "table", Attrs: []schema.Attr{{Name: "security"}}, Widens: func(old, new *schema.Object) bool {
		return old != nil && new != nil && old.Is("security") && !new.Is("security")
	}},
	{Name: "column", Attrs: []schema.Attr{{Name: "type"}}},
	{Name: "policy", Attrs: []schema.Attr{{Name: "using"}}, Widens: func(old, new *schema.Object) bool { return old == nil }},
}

func drift() *Drift {
	units := object("table", "public.units", schema.ID{}, "security", "t")
	open := object("table", "public.units", schema.ID{}, "security", "f")
	extra := object("table", "public.\x1b[2Jextra\n", schema.ID{})
	changes := []diff.Change{
		{New: object("column", "public.extra.a", extra.ID, "type", "text")},
		{Old: object("column", "public.units.a", units.ID, "type", "text"), New: object("column", "public.units.a", units.ID, "type", "bigint"), Attrs: []string{"type"}},
		{Old: object("column", "public.units.b", units.ID, "type", "text")},
		{New: object("policy", "p on public.extra", extra.ID, "using", "true")},
		{New: extra},
		{Old: units, New: open, Attrs: []string{"security"}},
	}
	return &Drift{Target: "live", Expected: "migrations", Major: 15, Compared: 9, Findings: Findings(changes, kinds),
		Pending: []string{"v1/002.sql"}, Hidden: map[string]int{"exclude auth": 3}, NotExamined: []string{"operator ==="}}
}

func TestDriftText(t *testing.T) {
	var out strings.Builder
	if err := drift().Text(&out, false); err != nil {
		t.Fatal(err)
	}
	want := `live (PostgreSQL 15)  DRIFTED, 1 pending

SECURITY
! policy p on public.extra  extra  D
    using  true
! table public.units  D
    security
      expected  t
      actual    f

CHANGED
~ column public.units.a  D
    type
      expected  text
      actual    bigint

MISSING
- column public.units.b  D
    type  text

EXTRA
+ table public.�[2Jextra�  and 1 of its parts  D

PENDING (not drift)
  v1/002.sql

NOT EXAMINED
  operator ===

hidden: 3 objects (exclude auth 3)
9 objects compared with migrations
`
	var got []string
	for _, line := range strings.Split(out.String(), "\n") {
		if i := strings.LastIndex(line, "  D-"); i >= 0 {
			line = line[:i+3]
		}
		got = append(got, line)
	}
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestDriftJSON(t *testing.T) {
	var out strings.Builder
	if err := drift().JSON(&out); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Status   string
		Findings []struct{ ID, Group, What, Kind, Name string }
		Pending  []string
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Status != "drifted" || len(got.Findings) != 5 || got.Findings[0].Group != "security" || len(got.Pending) != 1 {
		t.Errorf("got %+v", got)
	}
	again := drift()
	if again.Findings[0].ID != got.Findings[0].ID {
		t.Error("the IDs of findings change from run to run")
	}
}

func TestTitle(t *testing.T) {
	units := object("table", "public.units", schema.ID{})
	name := object("column", "public.units.name", units.ID)
	rooms := object("table", `public."Rooms"`, schema.ID{})
	snapshot := func(objects ...*schema.Object) *schema.Snapshot {
		s := schema.Empty(150000)
		for _, o := range objects {
			s.Objects[o.ID] = o
		}
		return s
	}
	for _, tc := range []struct {
		from, to    *schema.Snapshot
		steps       []diff.Step
		title, says string
	}{
		{snapshot(), snapshot(units), []diff.Step{{Action: diff.Create, ID: units.ID}}, "add_units", "Add table public.units."},
		{snapshot(units), snapshot(units, name), []diff.Step{{Action: diff.Create, ID: name.ID}}, "add_name_to_units", "Add column name to public.units."},
		{snapshot(units, name), snapshot(units), []diff.Step{{Action: diff.Drop, ID: name.ID}}, "drop_name_from_units", "Drop column name from public.units."},
		{snapshot(units), snapshot(rooms), []diff.Step{{Action: diff.Drop, ID: units.ID}, {Action: diff.Create, ID: rooms.ID}},
			"add_rooms_and_drop_units", `Add table public."Rooms"; drop table public.units.`},
	} {
		s, p := Subjects{tc.from, tc.to}, &diff.Plan{Steps: tc.steps}
		if got := s.Title(p); got != tc.title {
			t.Errorf("the title is %s, want %s", got, tc.title)
		}
		if got := s.Summary(p); got != tc.says {
			t.Errorf("the summary is %s, want %s", got, tc.says)
		}
	}
}
