package history

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, layout Layout, paths ...string) *History {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, p := range paths {
		fsys[p] = &fstest.MapFile{Data: []byte("select 1;")}
	}
	h, err := Read(fsys, layout)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestUpTo(t *testing.T) {
	sequence := []string{"mvp.0/001_a.sql", "mvp.0/002_b.sql", "mvp.1/003_c.sql", "v1/010_d.sql", "mvp.0/011_late.sql"}
	folders := []string{"v1.00/01_a.sql", "v1.01/01_b.sql", "v1.01/02_c.sql"}
	for _, test := range []struct {
		history []string
		version string
		want    string
	}{
		{sequence, "mvp.0", "001_a 002_b 011_late"},
		{sequence, "mvp.1", "001_a 002_b 003_c 011_late"},
		{sequence, "002", "001_a 002_b"},
		{sequence, "3", "001_a 002_b 003_c"},
		{sequence, "mvp.1/3", "001_a 002_b 003_c"},
		{sequence, "mvp.1/003_c.sql", "001_a 002_b 003_c"},
		{sequence, "mvp.0/003", `cannot find version "mvp.0/003" in the migrations: there are phases mvp.0, mvp.1, v1 and numbers 001 to 011`},
		{sequence, "v2", `cannot find version "v2" in the migrations: there are phases mvp.0, mvp.1, v1 and numbers 001 to 011`},
		{sequence, "", `cannot find version "" in the migrations: there are phases mvp.0, mvp.1, v1 and numbers 001 to 011`},
		{folders, "v1.00", "01_a"},
		{folders, "v1.01/01", "01_a 01_b"},
		{folders, "2", "01_a 01_b 02_c"},
		{folders, "1", `cannot tell which version "1" is meant: every folder has its own; name the folder too, as in v1.00/01`},
		{[]string{"1_a.sql"}, "2", `cannot find version "2" in the migrations: there are numbers 1 to 1`},
		{nil, "2", `cannot find version "2" in the migrations: there are none yet`},
	} {
		cut, err := read(t, Layout{}, test.history...).UpTo(test.version)
		got := words(err)
		if err == nil {
			var names []string
			for _, f := range cut.Migrations {
				names = append(names, string(f.Number)+"_"+f.Title)
			}
			got = strings.Join(names, " ")
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("up to %q:\n%s", test.version, diff)
		}
	}
}

func TestUpToLeavesTheNextNumber(t *testing.T) {
	cut, err := read(t, Layout{}, "001_a.sql", "002_b.sql").UpTo("1")
	if err != nil {
		t.Fatal(err)
	}
	if got := cut.Next(noon); got != "003" {
		t.Errorf("next is %s", got)
	}
}

func TestNextPath(t *testing.T) {
	declared := Layout{Phases: []string{"mvp.0", "mvp.1"}}
	folders := Layout{Phases: []string{"v1", "v2"}, Numbering: PerFolder}
	for _, test := range []struct {
		layout       Layout
		history      []string
		phase, title string
		want         string
	}{
		{declared, []string{"mvp.0/001_a.sql"}, "", "add units", "mvp.0/002_add_units.sql"},
		{declared, []string{"mvp.0/001_a.sql"}, "mvp.1", "Add units & roles", "mvp.1/002_add_units_roles.sql"},
		{declared, []string{"mvp.1/0009_a.sql"}, "mvp.0", "größer", "mvp.0/0010_größer.sql"},
		{declared, nil, "", "init", "mvp.0/001_init.sql"},
		{declared, nil, "mvp.2", "init", "cannot put a migration into phase mvp.2: there is mvp.0, mvp.1; declare it, or make its folder"},
		{declared, nil, "", "../..", `cannot name the next migration: title "../.." has no letters or digits; say in words what it does`},
		{Layout{}, nil, "v1", "init", "cannot put a migration into phase v1: there is no phase; declare it, or make its folder"},
		{Layout{}, []string{"999_a.sql"}, "", "b", "1000_b.sql"},
		{Layout{}, []string{"V1_9__a.sql"}, "", "b", "V1_10__b.sql"},
		{Layout{}, []string{"001-a.sql"}, "", "b", "002-b.sql"},
		{folders, []string{"v1/001_a.sql", "v1/002_b.sql"}, "", "c", "v1/003_c.sql"},
		{folders, []string{"v1/001_a.sql", "v1/002_b.sql"}, "v2", "c", "v2/001_c.sql"},
		{folders, nil, "", "c", "v1/001_c.sql"},
	} {
		got, err := read(t, test.layout, test.history...).NextPath(test.phase, test.title, noon)
		if diff := cmp.Diff(test.want, got+words(err)); diff != "" {
			t.Errorf("after %v in %q:\n%s", test.history, test.phase, diff)
		}
	}
}

func TestNumbersInOrder(t *testing.T) {
	want := []Number{"0", "1", "2", "2.1", "2_2", "2.10", "3", "010", "20240101", "20240101120000", "99999999999999999999", "100000000000000000000"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Number.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if Number("7").Compare("007") != 0 || Number("2").Compare("2.0") != 0 {
		t.Error("7 is 007, and 2 is 2.0")
	}
}

func TestPhasesInOrder(t *testing.T) {
	want := []string{"mvp.0", "mvp.1", "mvp.2", "mvp.10", "v1", "v1.00", "v1.2", "v1.10", "v2", "v10"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, compareNatural)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
