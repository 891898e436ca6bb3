package history

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The later branch's files get the next numbers, in the style of their names.
func TestRenumber(t *testing.T) {
	for _, c := range []struct {
		files, later, want []string
		layout             Layout
	}{
		{
			files: []string{"mvp.0/001_a.sql", "v1/002_theirs.sql", "v1/002_ours.sql", "v1/003_more.sql"},
			later: []string{"v1/002_ours.sql", "v1/003_more.sql"},
			want:  []string{"v1/003_ours.sql", "v1/004_more.sql"},
		},
		{
			files: []string{"001_a.sql", "002_b.sql", "003_c.sql"},
			later: []string{"003_c.sql"},
			want:  []string{"003_c.sql"}, // it comes after all the others already
		},
		{
			files:  []string{"a/1_a.sql", "b/1_b.sql", "a/2_x.sql", "a/2_y.sql"},
			later:  []string{"a/2_y.sql"},
			want:   []string{"a/3_y.sql"},
			layout: Layout{Numbering: PerFolder},
		},
		{
			files: []string{"V1__a.sql", "V2__theirs.sql", "V2__Ours Of Old.sql"},
			later: []string{"V2__Ours Of Old.sql"},
			want:  []string{"V3__Ours Of Old.sql"},
		},
		{
			files: []string{"20240101120000_a/migration.sql", "20240101120000_b/migration.sql"},
			later: []string{"20240101120000_b/migration.sql"},
			want:  []string{"20260203120000_b/migration.sql"},
		},
	} {
		m, err := OpenMerged(onDisk(t, c.files...), c.layout)
		if err != nil {
			t.Fatal(err)
		}
		var later []*File
		for _, name := range c.later {
			f, err := m.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			later = append(later, f)
		}
		var got []string
		for _, r := range m.Renumber(later, noon) {
			got = append(got, r.Path)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.files, diff)
		}
	}
}

// Names that are still taken come free first; what undoes a file goes with it;
// what did not change stays as it is, down to the ends of its lines.
func TestWriteMerged(t *testing.T) {
	dir := onDisk(t, "1_a.up.sql", "2_x.up.sql", "2_theirs.up.sql", "2_x.down.sql", "3_x.up.sql")
	crlf := []byte("select 1;\r\n")
	if err := os.WriteFile(filepath.Join(dir, "3_x.up.sql"), crlf, 0o666); err != nil {
		t.Fatal(err)
	}
	m, err := OpenMerged(dir, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	later := slices.DeleteFunc(m.Files(), func(f *File) bool { return f.Title != "x" })
	moves := m.Renumber(later, noon)
	moves[0].Text = "select 2;\n"
	if err := m.Write(moves); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := "[1_a.up.sql 2_theirs.up.sql 3_x.down.sql 3_x.up.sql 4_x.up.sql atlas.sum]"
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, fmt.Sprint(got)); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{"3_x.up.sql": "select 2;\n", "4_x.up.sql": string(crlf)} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	h, err := Open(dir, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Verify(); err != nil {
		t.Error(err)
	}
}
