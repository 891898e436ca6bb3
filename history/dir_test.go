package history

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"github.com/google/go-cmp/cmp"
)

// onDisk writes files into a new folder.
func onDisk(t *testing.T, paths ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, p := range paths {
		p = filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte("select 1;\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestWriteFile(t *testing.T) {
	dir := onDisk(t, "mvp.0/001_a.sql")
	h, err := Open(dir, Layout{Phases: []string{"mvp.0", "mvp.1"}})
	if err != nil {
		t.Fatal(err)
	}
	path, err := h.NextPath("mvp.1", "b", noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.WriteFile(path, []byte("select 2;\n")); err != nil {
		t.Fatal(err)
	}
	if err := h.WriteSum(); err != nil {
		t.Fatal(err)
	}
	if err := h.Verify(); err != nil {
		t.Error(err)
	}
	if err := migrate.Validate(h); err != nil {
		t.Error(err)
	}
	entries, err := filepath.Glob(filepath.Join(dir, "mvp.1", "*"))
	if err != nil {
		t.Fatal(err)
	}
	hidden, _ := filepath.Glob(filepath.Join(dir, "*", ".*"))
	if got, want := len(entries)+len(hidden), 1; got != want {
		t.Errorf("mvp.1 holds %v %v", entries, hidden)
	}
}

func TestWriteFileStaysInTheFolder(t *testing.T) {
	h, err := Open(onDisk(t), Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.WriteFile("../001_a.sql", nil); err == nil || !strings.HasPrefix(err.Error(), "cannot write ../001_a.sql: ") {
		t.Error(err)
	}
}

func TestWriteFileNeedsADisk(t *testing.T) {
	want := "cannot write 002_b.sql: this history is not a folder on disk; write where it comes from"
	if diff := cmp.Diff(want, words(read(t, Layout{}, "001_a.sql").WriteFile("002_b.sql", nil))); diff != "" {
		t.Error(diff)
	}
}

func TestOpenFollowsLinksInsideOnly(t *testing.T) {
	outside := onDisk(t, "002_b.sql")
	dir := onDisk(t, "..data/001_a.sql")
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	link("..data/001_a.sql", "001_a.sql") // as Kubernetes mounts a ConfigMap
	h, err := Open(dir, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Migrations) != 1 || h.Migrations[0].Path != "001_a.sql" {
		t.Errorf("migrations are %v", h.Migrations)
	}
	link(filepath.Join(outside, "002_b.sql"), "002_b.sql")
	link(outside, "v1")
	_, err = Open(dir, Layout{})
	for _, name := range []string{"002_b.sql", "v1"} {
		if !strings.Contains(words(err), "cannot read migrations: "+name+" is a symbolic link to nowhere in this folder (") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenNeedsAFolder(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Layout{}); err == nil || !strings.HasPrefix(err.Error(), "cannot read migrations: ") {
		t.Error(err)
	}
}

func TestAtlasReadsTheFiles(t *testing.T) {
	h := read(t, Layout{}, "v1/01_a.sql", "v2/01_b.sql")
	files, err := h.Files()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		stmts, err := f.Stmts()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f.Name()+" "+f.Version()+" "+f.Desc()+" "+strings.Join(stmts, " "))
	}
	want := []string{"v1/01_a.sql v1/01 a select 1;", "v2/01_b.sql v2/01 b select 1;"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
