// Package history reads the numbered migration folders of a project and
// says what they are: which files, in which order, with which statements.
//
// A history is a sequence of migrations. Replaying them in order, each
// statement as psql would send it, builds the desired database. The order is
// that of the numbers; folders (phases) only group files, unless every folder
// restarts its numbers, when the order is by folder, then number.
//
// Whatever would make that order or those statements uncertain is refused
// when the history is read: two files with one number, a file without one,
// bytes that are not text, commands that only psql understands. So a History
// that exists can be trusted, and atlas.sum says whether it is still the one
// that was reviewed.
package history

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

// History is a project's migrations in the order of replay. It implements
// migrate.Dir, so Atlas's own tools can work on it.
type History struct {
	Migrations []*File   // in the order of replay
	Phases     []string  // the folders in order, those still empty included; none in a flat history
	Numbering  Numbering // OneSequence or PerFolder, as declared or as found
	Warnings   []Warning // what a person should know, though it stops nothing

	all    []*File // every file, also where UpTo has cut Migrations
	layout Layout
	fsys   fs.FS
}

// Layout is what a project may declare about its folders. The zero Layout
// declares nothing, and Read finds out by itself.
type Layout struct {
	Phases    []string  // the folders in order; none: all folders, in natural order
	Numbering Numbering // Detect: per folder where every folder restarts, else one sequence
}

// Numbering says whether numbers count across all folders or within each.
type Numbering string

// The ways to number migrations, as atlas.hcl writes them.
const (
	Detect      Numbering = ""
	OneSequence Numbering = "sequence"
	PerFolder   Numbering = "per_folder"
)

// Warning is a remark about one file.
type Warning struct{ Path, Text string }

// String returns the warning as one line: the file, then the remark.
func (w Warning) String() string { return quote(w.Path) + ": " + w.Text }

// Read reads the history in fsys. It reports everything that it has to refuse
// at once, each with the names of the files and a remedy.
//
// Read follows symbolic links as fsys does. For a folder on disk use Open,
// which does not follow those that leave the folder.
func Read(fsys fs.FS, layout Layout) (*History, error) {
	found, err := find(fsys)
	if err != nil {
		return nil, err
	}
	files, problems := load(fsys, found.sources)
	problems = append(found.problems, problems...)
	h := &History{all: files, layout: layout, fsys: fsys}
	problems = append(problems, h.order(found.empty)...)
	problems = append(problems, h.check()...)
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	h.Migrations = slices.Clone(h.all)
	h.Warnings = h.warn()
	return h, nil
}

// IsHistory reports whether fsys holds numbered migrations, and not just a
// folder of SQL files or none.
func IsHistory(fsys fs.FS) bool {
	found, err := find(fsys)
	return err == nil && slices.ContainsFunc(found.sources, func(s source) bool {
		_, ok := parseName(s.name)
		return ok
	})
}

// load reads the files and returns the problems of all those it must refuse.
func load(fsys fs.FS, sources []source) (files []*File, problems []error) {
	for _, s := range sources {
		f, err := readFile(fsys, s)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		files = append(files, f)
	}
	return files, problems
}

func readFile(fsys fs.FS, s source) (*File, error) {
	if err := checkPath(s.path); err != nil {
		return nil, err
	}
	name, ok := parseName(s.name)
	switch {
	case !ok && isRepeatable(s.name):
		return nil, refuse("%s is a repeatable migration, which has no place in a numbered order; give it a number, as in %s",
			quote(s.path), quote("V8__"+strings.TrimPrefix(s.name, "R__")))
	case !ok:
		return nil, refuse("%s has no number; put one in front, as in %s, or move it out of the folder",
			quote(s.path), quote("007_"+s.name))
	}
	raw, err := fs.ReadFile(fsys, s.path)
	if err != nil {
		return nil, refuse("%w", err)
	}
	text, err := decode(s.path, string(raw))
	if err != nil {
		return nil, err
	}
	stmts, err := split(s.path, text)
	if err != nil {
		return nil, err
	}
	f := &File{Path: s.path, Phase: s.phase, Number: name.number, Title: name.title, Statements: stmts, text: text, style: name.style}
	f.TxMode, err = txMode(s.path, text)
	return f, err
}

// checkPath refuses names that no line of atlas.sum could hold.
func checkPath(path string) error {
	odd := func(r rune) bool { return r < ' ' || r == 0x7f }
	if utf8.ValidString(path) && !strings.ContainsFunc(path, odd) && !strings.Contains(path, "h1:") &&
		strings.TrimSpace(path) == path {
		return nil
	}
	return refuse("%q is not a name that %s can hold; rename the file with letters, digits and _", path, sumFile)
}

// order sorts the files as they are replayed.
func (h *History) order(emptyFolders []string) (problems []error) {
	h.Phases, problems = phases(h.layout.Phases, h.all, emptyFolders)
	rank := h.rank()
	h.Numbering = h.layout.Numbering
	switch h.Numbering {
	case OneSequence, PerFolder:
	case Detect:
		h.Numbering = detect(h.all)
	default:
		problems = append(problems, refuse("numbering = %q is unknown; use %q or %q", string(h.Numbering), OneSequence, PerFolder))
	}
	slices.SortFunc(h.all, func(a, b *File) int {
		byPhase, byNumber := cmp.Compare(rank[a.Phase], rank[b.Phase]), a.Number.Compare(b.Number)
		if h.Numbering == PerFolder {
			return cmp.Or(byPhase, byNumber, strings.Compare(a.Path, b.Path))
		}
		return cmp.Or(byNumber, byPhase, strings.Compare(a.Path, b.Path))
	})
	for _, f := range h.all {
		f.perFolder = h.Numbering == PerFolder
	}
	return problems
}

// rank is the place of each phase. Files in no folder come first.
func (h *History) rank() map[string]int {
	rank := map[string]int{"": -1}
	for i, p := range h.Phases {
		rank[p] = i
	}
	return rank
}

// detect finds out how files are numbered: per folder where there are several
// folders and each begins again at 0 or 1.
func detect(files []*File) Numbering {
	lowest := map[string]Number{}
	for _, f := range files {
		if n, ok := lowest[f.Phase]; !ok || f.Number.Compare(n) < 0 {
			lowest[f.Phase] = f.Number
		}
	}
	for _, n := range lowest {
		if n.Compare("1") > 0 {
			return OneSequence
		}
	}
	if len(lowest) < 2 {
		return OneSequence
	}
	return PerFolder
}
