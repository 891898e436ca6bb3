// Package coverage measures on real schemas how far plumb's promise holds: that
// a plan leads where it should, whatever the two states are.
//
// It takes folders of histories and of pairs of schemas, goes every way between
// their states on every major that this machine has, and lets two witnesses
// judge where each way ends: plumb's own reading, and pg_dump, which shares no
// code with it.
package coverage

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tvl-platform/plumb/history"
)

// A Suite is what one line of the report is about: a project's history, or the
// pairs of one folder.
type Suite struct {
	Name    string
	Prelude string // SQL that makes what must be there first; "" for none
	History string // the folder of the migrations; "" for a suite of pairs
	// Each says that a file of the history wants a transaction of its own;
	// Not lists the files that do not.
	Each  bool
	Not   []string
	Pairs []Pair
}

// A Pair is two schemas, each as a file of SQL; Setup, if any, is what comes
// before in both.
type Pair struct{ Name, From, To, Setup string }

// Find lists the suites below a folder, in the order of their names. A folder
// with a folder "history" is a project, with its prelude.sql beside and TX and
// NOTX as markers; a folder with from.sql and to.sql, and perhaps setup.sql to
// come before both, is a pair of the suite that its parent names, and has the prelude.sql of its nearest ancestor.
func Find(root string) ([]Suite, error) {
	suites := map[string]*Suite{}
	var names []string
	suite := func(dir string) *Suite {
		name := filepath.Base(dir)
		if suites[name] == nil {
			suites[name] = &Suite{Name: name, Prelude: prelude(root, dir)}
			names = append(names, name)
		}
		return suites[name]
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case isDir(filepath.Join(path, "history")):
			s := suite(path)
			s.History, s.Each = filepath.Join(path, "history"), isFile(filepath.Join(path, "TX"))
			s.Not, err = lines(filepath.Join(path, "NOTX"))
			if err != nil {
				return err
			}
			return filepath.SkipDir
		case isFile(filepath.Join(path, "from.sql")) && isFile(filepath.Join(path, "to.sql")):
			s := suite(filepath.Dir(path))
			p := Pair{Name: filepath.Base(path), From: filepath.Join(path, "from.sql"), To: filepath.Join(path, "to.sql")}
			if setup := filepath.Join(path, "setup.sql"); isFile(setup) {
				p.Setup = setup
			}
			s.Pairs = append(s.Pairs, p)
			return filepath.SkipDir
		}
		return nil
	})
	slices.Sort(names)
	var out []Suite
	for _, name := range names {
		out = append(out, *suites[name])
	}
	return out, err
}

// joined is the pair with its setup written before both, in a folder.
func (p Pair) joined(dir string) (Pair, error) {
	setup, err := os.ReadFile(p.Setup)
	if err != nil {
		return p, err
	}
	for _, path := range []*string{&p.From, &p.To} {
		text, err := os.ReadFile(*path)
		if err != nil {
			return p, err
		}
		*path = filepath.Join(dir, filepath.Base(*path))
		if err := os.WriteFile(*path, append(append(setup[:len(setup):len(setup)], '\n'), text...), 0o600); err != nil {
			return p, err
		}
	}
	return p, nil
}

// prelude is the prelude.sql of dir, or of its nearest ancestor up to root.
func prelude(root, dir string) string {
	for ; ; dir = filepath.Dir(dir) {
		if file := filepath.Join(dir, "prelude.sql"); isFile(file) {
			return file
		}
		if dir == filepath.Clean(root) || dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// stops are the versions of a history to go on from to its end: after about a
// quarter, a half and three quarters of its files.
func stops(h *history.History) []*history.File {
	var out []*history.File
	n := len(h.Migrations)
	for _, k := range []int{n / 4, n / 2, n * 3 / 4} {
		if k > 0 && k < n && !slices.Contains(out, h.Migrations[k-1]) {
			out = append(out, h.Migrations[k-1])
		}
	}
	return out
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
