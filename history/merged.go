package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"
)

// A Merged is a history as a merge of two branches leaves it: files of both
// may have one number, so there is no order yet, and atlas.sum may be of one
// branch only or be unreadable.
type Merged struct {
	dir string
	h   *History
}

// A Renaming is a file and what is to become of it.
type Renaming struct {
	File *File
	Path string // the new one; that of the file if it stays
	Text string // the new one
	Gone bool   // nothing is left for the file to do
}

// OpenMerged reads the folder. It refuses what Open does, but for numbers that
// are taken twice.
func OpenMerged(dir string, layout Layout) (*Merged, error) {
	fsys := folder(dir)
	found, err := find(fsys)
	if err != nil {
		return nil, err
	}
	files, problems := load(fsys, found.sources)
	h := &History{all: files, layout: layout, fsys: fsys}
	problems = append(append(found.problems, problems...), h.order(found.empty)...)
	return &Merged{dir, h}, errors.Join(problems...)
}

// Layout declares what the folder was found to be, for parts of it that do not
// show it.
func (m *Merged) Layout() Layout { return Layout{Phases: m.h.Phases, Numbering: m.h.Numbering} }

// Files lists all the files, those of one number by path.
func (m *Merged) Files() []*File { return slices.Clone(m.h.all) }

// Find is the file of that name: its path, or a last part of it that no other
// file has.
func (m *Merged) Find(name string) (*File, error) {
	var found []*File
	for _, f := range m.h.all {
		if f.Path == name {
			return f, nil
		}
		if path.Base(f.Path) == name {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("cannot find the migration %s: there %s", quote(name), m.h.versions())
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("cannot tell which %s is meant: there are %s and %s; name the folder too", quote(name), quote(found[0].Path), quote(found[1].Path))
}

// Unrecorded lists the files that atlas.sum does not name.
func (m *Merged) Unrecorded() ([]*File, error) {
	sum, err := m.h.readSum()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(m.Files(), func(f *File) bool { return recorded(sum, f) }), nil
}

func recorded(sum migrate.HashFile, f *File) bool {
	return slices.ContainsFunc(sum, func(e struct{ N, H string }) bool { return e.N == f.Path })
}

// Verify compares the files that are not of the later branch with the text of
// the other branch's atlas.sum, nil for the one in the folder. It reports
// whether it could: an atlas.sum that is gone, unreadable, or that of the later
// branch says nothing about them.
func (m *Merged) Verify(later []*File, text []byte) (compared bool, err error) {
	sum, err := m.h.readSum()
	if text != nil {
		sum, err = parseSum(text)
	}
	if err != nil || slices.ContainsFunc(later, func(f *File) bool { return recorded(sum, f) }) {
		return false, nil
	}
	c := newComparison(sum, m.Without(later))
	c.compare()
	if slices.ContainsFunc(c.Edits, func(e Edit) bool { return e.What != Added }) {
		return true, &c.SumError
	}
	return true, nil
}

// Without lists the files but for some.
func (m *Merged) Without(some []*File) []*File {
	return slices.DeleteFunc(m.Files(), func(f *File) bool { return slices.Contains(some, f) })
}

// Before lists the files that were there when the later branch began: it took
// the next number then, so no other file had that number or a higher one.
func (m *Merged) Before(later []*File) []*File {
	return slices.DeleteFunc(m.Without(later), func(f *File) bool {
		return slices.ContainsFunc(later, func(l *File) bool { return m.h.sameSequence(f, l) && f.Number.Compare(l.Number) >= 0 })
	})
}

// Renumber finds names for the files of the later branch, so that they come
// after all the others, in the order that they have. A file that does so
// already keeps its name.
func (m *Merged) Renumber(later []*File, now time.Time) []Renaming {
	placed := m.Without(later)
	var out []Renaming
	for _, f := range later {
		taken := numbers(placed, func(g *File) bool { return m.h.sameSequence(f, g) })
		r := Renaming{File: f, Path: f.Path, Text: f.text}
		as := *f
		if slices.ContainsFunc(taken, func(n Number) bool { return n.Compare(f.Number) >= 0 }) {
			as.Number = next(taken, now)
			r.Path = path.Join(f.Phase, f.style.prefix+string(as.Number)+f.style.sep+f.Title+f.style.suffix)
		}
		placed, out = append(placed, &as), append(out, r)
	}
	return out
}

// Copy writes files into another folder, some of them under a new name.
func (m *Merged) Copy(dir string, files []*File, renamed []Renaming) error {
	for _, f := range files {
		renamed = append(slices.Clip(renamed), Renaming{File: f, Path: f.Path, Text: f.text})
	}
	for _, r := range renamed {
		p := filepath.Join(dir, filepath.FromSlash(r.Path))
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(p, []byte(r.Text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// Write gives the files their new names, the last first so that each name is
// free, then their new texts, and then records all in atlas.sum. Whatever
// stops it halfway, each file is there, under one name or the other.
func (m *Merged) Write(files []Renaming) error {
	root, err := os.OpenRoot(m.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, r := range slices.Backward(files) {
		for _, move := range m.moves(r) {
			if _, err := root.Lstat(move.to); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("cannot rename %s: %s is there already; move it out of the folder", quote(move.from), quote(move.to))
			}
			if err := root.Rename(move.from, move.to); err != nil {
				return fmt.Errorf("cannot rename %s: %w", quote(move.from), err)
			}
		}
	}
	for _, r := range files {
		switch {
		case r.Gone:
			err = root.Remove(r.Path)
		case r.Text != r.File.text: // else the bytes stay as they are, down to the ends of lines
			err = folder(m.dir).write(r.Path, []byte(r.Text))
		}
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", quote(r.Path), err)
		}
	}
	h, err := Open(m.dir, m.h.layout)
	if err != nil {
		return err
	}
	return h.WriteSum()
}

type move struct{ from, to string }

// moves lists the names that change with a file's: that of its folder, where it
// has one of its own, or that of the file which undoes it.
func (m *Merged) moves(r Renaming) []move {
	from, to, suffix := r.File.Path, r.Path, r.File.style.suffix
	switch {
	case from == to:
		return nil
	case strings.HasPrefix(suffix, "/"):
		return []move{{path.Dir(from), path.Dir(to)}}
	}
	out := []move{{from, to}}
	undo := func(p string) string { return strings.TrimSuffix(p, ".up.sql") + ".down.sql" }
	if r.File.style.prefix == "V" {
		undo = func(p string) string { return path.Join(path.Dir(p), "U"+path.Base(p)[1:]) }
	}
	if _, err := fs.Stat(m.h.fsys, undo(from)); err == nil {
		out = append(out, move{undo(from), undo(to)})
	}
	return out
}
