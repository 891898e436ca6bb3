package history

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the tests found into testdata")

// Every archive in testdata is a history: a sentence that says what it shows,
// perhaps the lines "phases: …" and "numbering: …" as atlas.hcl would declare
// them, the files, and in want what Read makes of them.
func TestRead(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives in testdata", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := &archive.Files[len(archive.Files)-1]
			if want.Name != "want" {
				t.Fatal("the last file of an archive is want")
			}
			got := describe(files(archive.Files[:len(archive.Files)-1]), layout(string(archive.Comment)))
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want.Data), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func files(archived []txtar.File) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, f := range archived {
		if dir, isDir := strings.CutSuffix(f.Name, "/"); isDir {
			fsys[dir] = &fstest.MapFile{Mode: fs.ModeDir | 0o777}
		} else {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return fsys
}

func layout(comment string) (l Layout) {
	for line := range strings.Lines(comment) {
		if phases, ok := strings.CutPrefix(line, "phases: "); ok {
			l.Phases = strings.Fields(phases)
		}
		if numbering, ok := strings.CutPrefix(line, "numbering: "); ok {
			l.Numbering = Numbering(strings.TrimSpace(numbering))
		}
	}
	return l
}

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

// describe is a history as the archives write it.
func describe(fsys fs.FS, l Layout) string {
	h, err := Read(fsys, l)
	if err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	for _, f := range h.Migrations {
		fmt.Fprintf(&b, "replay %s\n", f.Path)
	}
	if len(h.Phases) > 0 {
		fmt.Fprintf(&b, "phases %s\n", strings.Join(h.Phases, " "))
	}
	fmt.Fprintf(&b, "numbering %s\n", h.Numbering)
	for _, w := range h.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	next, err := h.NextPath("", "Add units!", noon)
	fmt.Fprintf(&b, "next %s%s\n", next, words(err))
	return b.String()
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestReadRefusesWhatIsNoText(t *testing.T) {
	for name, test := range map[string]struct{ data, want string }{
		"not UTF-8":           {"select 1;\nselect 'M\xfcller';\n", `cannot read mvp.0/001_a.sql:2:10: byte 0xfc is not UTF-8; save the file as UTF-8`},
		"UTF-16":              {"\xff\xfes\x00e\x00", `cannot read mvp.0/001_a.sql: it is UTF-16; save it as UTF-8`},
		"NUL bytes":           {"select 'ä\x00';", `cannot read mvp.0/001_a.sql:1:10: PostgreSQL takes no NUL byte; remove it, or save the file as UTF-8`},
		"two files in one":    {"select 1;\n\uFEFFselect 2;", `cannot read mvp.0/001_a.sql:2:1: there is a byte order mark inside the file; remove it`},
		"commands of psql":    {"select 1;\n\\i other.sql\n", `cannot read mvp.0/001_a.sql:2:1: \i is a command of psql, which the server does not know; remove it or write it as SQL`},
		"a command later":     {"select 1 \\gexec\n", `cannot read mvp.0/001_a.sql:1:10: \gexec is a command of psql, which the server does not know; remove it or write it as SQL`},
		"an open quote":       {"select 1;\nselect 'a;\n", `cannot read mvp.0/001_a.sql:2:8: the quote ' is never closed; close it`},
		"an open body":        {"do $x$ begin", `cannot read mvp.0/001_a.sql:1:4: the dollar quote $x$ is never closed; close it`},
		"an open comment":     {"select 1; /* /* */", `cannot read mvp.0/001_a.sql:1:11: the comment /* is never closed; close it`},
		"an open parenthesis": {"create table t (\n", `cannot read mvp.0/001_a.sql:1:16: unclosed '('; close or remove it`},
		"an odd directive":    {"-- atlas:txmode nil\n\nselect 1;", `cannot read migrations: mvp.0/001_a.sql: atlas:txmode "nil" is unknown; use none, file or all`},
		"no protection":       {"-- atlas:sum ignore\n\nselect 1;", `cannot read migrations: mvp.0/001_a.sql:1: the directive atlas:sum ignore would leave the file unprotected; remove it`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(fstest.MapFS{"mvp.0/001_a.sql": {Data: []byte(test.data)}}, Layout{})
			if diff := cmp.Diff(test.want, words(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadDropsMarksAndCarriageReturns(t *testing.T) {
	h, err := Read(fstest.MapFS{"001_a.sql": {Data: []byte("\uFEFFselect 1;\r\n\r\nselect 'a\r\nb';\r\n")}}, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	f := h.Migrations[0]
	if got, want := string(f.Bytes()), "select 1;\n\nselect 'a\nb';\n"; got != want {
		t.Errorf("text is %q, want %q", got, want)
	}
	if s := f.Statements[1]; s.Text != "select 'a\nb';" || s.Line != 3 || s.Column != 1 {
		t.Errorf("second statement is %+v", s)
	}
}

func TestReadQuotesOddNames(t *testing.T) {
	for name, want := range map[string]string{
		"001_\x1b[31m.sql": `cannot read migrations: "001_\x1b[31m.sql" is not a name that atlas.sum can hold; rename the file with letters, digits and _`,
		"001_h1:.sql":      `cannot read migrations: "001_h1:.sql" is not a name that atlas.sum can hold; rename the file with letters, digits and _`,
		"٠٠١_a.sql":        `cannot read migrations: ٠٠١_a.sql has no number; put one in front, as in 007_٠٠١_a.sql, or move it out of the folder`,
	} {
		_, err := Read(fstest.MapFS{name: {}}, Layout{})
		if diff := cmp.Diff(want, words(err)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestIsHistory(t *testing.T) {
	for path, want := range map[string]bool{
		"mvp.0/001_a.sql":                true,
		"001_a.sql":                      true,
		"V1__a.sql":                      true,
		"20240101120000_a/migration.sql": true,
		"tables/users.sql":               false,
		"schema.sql":                     false,
		"README.md":                      false,
		".git/001_a.sql":                 false,
	} {
		if got := IsHistory(fstest.MapFS{path: {}}); got != want {
			t.Errorf("IsHistory of a folder with %s is %v", path, got)
		}
	}
}

func TestTxMode(t *testing.T) {
	for text, want := range map[string]TxMode{
		"select 1;": "",
		"-- atlas:txmode none\n\ncreate index concurrently i on t (a);":          TxNone,
		"-- atlas:txmode none\ncreate index concurrently i on t (a);":            TxNone,
		"-- Why: big table.\n-- atlas:txmode file\n\nselect 1;":                  TxFile,
		"\n-- atlas:txmode all\nselect 1;":                                       TxAll,
		"select 1;\n-- atlas:txmode none\nselect 2;":                             "",
		"-- +goose NO TRANSACTION\n-- +goose Up\nselect 1;":                      TxNone,
		"-- migrate:up transaction:false\nselect 1;\n-- migrate:down\nselect 2;": TxNone,
	} {
		if got, err := txMode("a.sql", text); got != want || err != nil {
			t.Errorf("mode of %q is %q, %v", text, got, err)
		}
	}
}
