package history

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"ariga.io/atlas/sql/migrate"
	"github.com/google/go-cmp/cmp"
)

// project is a history of three files and its atlas.sum.
func project(t *testing.T) fstest.MapFS {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, p := range []string{"mvp.0/001_a.sql", "mvp.0/002_b.sql", "mvp.1/004_d.sql", "mvp.1/005_e.sql"} {
		fsys[p] = &fstest.MapFile{Data: []byte("select '" + p + "';\n")}
	}
	h, err := Read(fsys, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := h.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	fsys[sumFile] = &fstest.MapFile{Data: text}
	return fsys
}

func TestVerify(t *testing.T) {
	write := func(p, text string) func(fstest.MapFS) {
		return func(f fstest.MapFS) { f[p] = &fstest.MapFile{Data: []byte(text)} }
	}
	remove := func(p string) func(fstest.MapFS) { return func(f fstest.MapFS) { delete(f, p) } }
	rename := func(p, q string) func(fstest.MapFS) {
		return func(f fstest.MapFS) { f[q] = f[p]; delete(f, p) }
	}
	for name, test := range map[string]struct {
		changes []func(fstest.MapFS)
		want    []string
	}{
		"nothing":                {},
		"edited":                 {do(write("mvp.0/002_b.sql", "select 1;")), []string{"edited mvp.0/002_b.sql"}},
		"edited at the end":      {do(write("mvp.1/005_e.sql", "select 1;")), []string{"edited mvp.1/005_e.sql"}},
		"deleted":                {do(remove("mvp.0/002_b.sql")), []string{"deleted mvp.0/002_b.sql"}},
		"deleted at the end":     {do(remove("mvp.1/005_e.sql")), []string{"deleted mvp.1/005_e.sql"}},
		"renamed":                {do(rename("mvp.0/002_b.sql", "mvp.0/002_z.sql")), []string{"renamed mvp.0/002_b.sql to mvp.0/002_z.sql"}},
		"moved to another phase": {do(rename("mvp.1/004_d.sql", "mvp.0/004_d.sql")), []string{"renamed mvp.1/004_d.sql to mvp.0/004_d.sql"}},
		"renumbered to the end":  {do(rename("mvp.0/001_a.sql", "mvp.1/009_a.sql")), []string{"renamed mvp.0/001_a.sql to mvp.1/009_a.sql"}},
		"inserted":               {do(write("mvp.1/003_c.sql", "select 1;")), []string{"inserted mvp.1/003_c.sql"}},
		"added":                  {do(write("mvp.1/006_f.sql", "select 1;")), []string{"added mvp.1/006_f.sql"}},
		"several at once": {
			do(write("mvp.0/000_z.sql", "select 1;"), rename("mvp.0/001_a.sql", "mvp.0/001_x.sql"), write("mvp.0/002_b.sql", ""), remove("mvp.1/005_e.sql")),
			[]string{"renamed mvp.0/001_a.sql to mvp.0/001_x.sql", "edited mvp.0/002_b.sql", "deleted mvp.1/005_e.sql", "inserted mvp.0/000_z.sql"}},
		"renamed and edited": {
			do(remove("mvp.0/002_b.sql"), write("mvp.0/002_z.sql", "select 1;")),
			[]string{"renamed mvp.0/002_b.sql to mvp.0/002_z.sql", "edited mvp.0/002_z.sql"}},
		"one inserted, the rest renumbered": {
			do(rename("mvp.1/005_e.sql", "mvp.1/006_e.sql"), rename("mvp.1/004_d.sql", "mvp.1/005_d.sql"), write("mvp.1/004_new.sql", "select 1;")),
			[]string{"renamed mvp.1/004_d.sql to mvp.1/005_d.sql", "renamed mvp.1/005_e.sql to mvp.1/006_e.sql", "inserted mvp.1/004_new.sql"}},
		"only line ends":         {do(write("mvp.0/001_a.sql", "select 'mvp.0/001_a.sql';\r\n")), nil},
		"only a byte order mark": {do(write("mvp.0/001_a.sql", "\uFEFFselect 'mvp.0/001_a.sql';\n")), nil},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := project(t)
			for _, change := range test.changes {
				change(fsys)
			}
			h, err := Read(fsys, Layout{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			if err := h.Verify(); err != nil {
				var sum *SumError
				if !errors.As(err, &sum) || !errors.Is(err, migrate.ErrChecksumMismatch) {
					t.Fatal(err)
				}
				for _, e := range sum.Edits {
					got = append(got, e.String())
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func do(changes ...func(fstest.MapFS)) []func(fstest.MapFS) { return changes }

func TestVerifyKnowsAnotherOrder(t *testing.T) {
	fsys := fstest.MapFS{"a/1_x.sql": {}, "b/1_x.sql": {}, "c/1_x.sql": {}}
	h, err := Read(fsys, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	sum, _ := h.Checksum()
	text, _ := sum.MarshalText()
	fsys[sumFile] = &fstest.MapFile{Data: text}
	again, err := Read(fsys, Layout{Phases: []string{"c", "a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "cannot trust the migrations: since atlas.sum was written: moved c/1_x.sql; undo it, or write atlas.sum again if it is meant"
	if diff := cmp.Diff(want, words(again.Verify())); diff != "" {
		t.Error(diff)
	}
}

func TestVerifySaysWhatItCannotKnow(t *testing.T) {
	fsys := project(t)
	fsys["mvp.0/001_a.sql"] = &fstest.MapFile{}
	h, err := Read(fsys, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	want := "cannot trust the migrations: since atlas.sum was written: edited mvp.0/001_a.sql (3 later files can be compared only when this is undone); undo it, or write atlas.sum again if it is meant"
	if diff := cmp.Diff(want, words(h.Verify())); diff != "" {
		t.Error(diff)
	}
}

func TestVerifyNeedsASoundSum(t *testing.T) {
	for name, test := range map[string]struct{ sum, want string }{
		"none":             {"", "cannot trust the migrations: there is no atlas.sum (checksum file not found); write it once the files are reviewed"},
		"edited by hand":   {"h1:AAAA\nmvp.0/001_a.sql h1:BBBB\n", "cannot read atlas.sum: checksum mismatch, as after a merge or an edit by hand; restore it, or write it again once the files are reviewed"},
		"a merge conflict": {"<<<<<<< ours\nh1:AAAA\n=======\n", "cannot read atlas.sum: checksum file format invalid, as after a merge or an edit by hand; restore it, or write it again once the files are reviewed"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := project(t)
			if delete(fsys, sumFile); test.sum != "" {
				fsys[sumFile] = &fstest.MapFile{Data: []byte(test.sum)}
			}
			h, err := Read(fsys, Layout{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, words(h.Verify())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// In a flat folder atlas.sum is the very file that Atlas writes.
func TestSumIsAtlas(t *testing.T) {
	fsys, atlas := fstest.MapFS{}, &migrate.MemDir{}
	for _, p := range []string{"001_a.sql", "002_b.sql"} {
		fsys[p] = &fstest.MapFile{Data: []byte("select '" + p + "';\n")}
		if err := atlas.WriteFile(p, fsys[p].Data); err != nil {
			t.Fatal(err)
		}
	}
	h, err := Read(fsys, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := atlas.Checksum()
	got, _ := h.Checksum()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// And Atlas accepts ours, with nested names.
func TestAtlasValidatesTheSum(t *testing.T) {
	fsys := project(t)
	h, err := Read(fsys, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate.Validate(h); err != nil {
		t.Error(err)
	}
	names := slices.Sorted(maps.Keys(fsys))
	if !strings.Contains(string(fsys[sumFile].Data), "\n"+names[1]+" h1:") {
		t.Errorf("%s is not in %s", names[1], fsys[sumFile].Data)
	}
}
