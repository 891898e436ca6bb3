package history

import (
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"io"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
)

// comparison finds the edits between a recorded sum and the files. It walks
// the record and keeps the chain of hashes as it was when recorded; that
// lasts until a content is met that is not among the files any more.
type comparison struct {
	SumError
	recorded migrate.HashFile
	files    []*File
	chain    hash.Hash
	broken   bool
	paths    map[string]*File // the files
	names    map[string]bool  // recorded
	renamed  map[string]bool  // new paths of recorded files
}

func newComparison(recorded migrate.HashFile, files []*File) *comparison {
	c := &comparison{
		recorded: recorded, files: files, chain: sha256.New(),
		paths: map[string]*File{}, names: map[string]bool{}, renamed: map[string]bool{},
	}
	for _, f := range files {
		c.paths[f.Path] = f
	}
	for _, r := range recorded {
		c.names[r.N] = true
	}
	return c
}

func (c *comparison) compare() {
	for _, r := range c.recorded {
		if f := c.paths[r.N]; f != nil {
			c.same(f, r.N, r.H)
		} else {
			c.gone(r.N, r.H)
		}
	}
	c.extra()
	c.moved()
}

// same looks at a file that still has its recorded name.
func (c *comparison) same(f *File, name, sum string) {
	switch {
	case c.broken:
		c.Unknown = append(c.Unknown, name)
	case !c.follows(name, f, sum):
		c.Edits = append(c.Edits, Edit{What: Edited, Path: name})
		c.broken = true
	}
}

// gone looks for a file whose name is recorded, but is no more. Its content
// proves a new name; else a new file with its number or its title is taken
// for it.
func (c *comparison) gone(name, sum string) {
	news := c.news()
	if i := slices.IndexFunc(news, func(f *File) bool { return !c.broken && c.follows(name, f, sum) }); i >= 0 {
		c.rename(name, news[i])
		return
	}
	if i := slices.IndexFunc(news, func(f *File) bool { return alike(name, f) }); i >= 0 {
		c.rename(name, news[i])
		if c.broken {
			c.Unknown = append(c.Unknown, news[i].Path)
		} else {
			c.Edits = append(c.Edits, Edit{What: Edited, Path: news[i].Path})
		}
	} else {
		c.Edits = append(c.Edits, Edit{What: Deleted, Path: name})
	}
	c.broken = true
}

func (c *comparison) rename(name string, f *File) {
	c.Edits = append(c.Edits, Edit{What: Renamed, Path: name, To: f.Path})
	c.renamed[f.Path] = true
}

// follows reports whether the file's content under that name is what was
// recorded next, and if so extends the chain by it.
func (c *comparison) follows(name string, f *File, sum string) bool {
	clone, err := c.chain.(hash.Cloner).Clone()
	if err != nil {
		return false
	}
	io.WriteString(clone, name)
	io.WriteString(clone, f.text)
	if base64.StdEncoding.EncodeToString(clone.Sum(nil)) != sum {
		return false
	}
	c.chain = clone
	return true
}

// extra reports the files that are not recorded under any name.
func (c *comparison) extra() {
	last := -1 // the last of the files that are recorded
	for i, f := range c.files {
		if c.known(f) {
			last = i
		}
	}
	for i, f := range c.files {
		switch {
		case c.known(f):
		case i < last:
			c.Edits = append(c.Edits, Edit{What: Inserted, Path: f.Path})
		default:
			c.Edits = append(c.Edits, Edit{What: Added, Path: f.Path})
		}
	}
}

// moved reports the first file that kept its name, but not its place among
// the others that did so, as when phases are declared in another order.
func (c *comparison) moved() {
	now := slices.DeleteFunc(slices.Clone(c.files), func(f *File) bool { return !c.names[f.Path] })
	for _, r := range c.recorded {
		if c.paths[r.N] == nil {
			continue
		}
		if now[0].Path != r.N {
			c.Edits = append(c.Edits, Edit{What: Moved, Path: now[0].Path})
			return
		}
		now = now[1:]
	}
}

// known reports whether the file is recorded, under its name or an older one.
func (c *comparison) known(f *File) bool { return c.names[f.Path] || c.renamed[f.Path] }

// news are the files not known.
func (c *comparison) news() []*File {
	return slices.DeleteFunc(slices.Clone(c.files), c.known)
}

// alike reports whether a file may be the one that once had that path.
func alike(path string, f *File) bool {
	phase, base := "", path
	if i := strings.IndexByte(path, '/'); i >= 0 && f.Phase != "" {
		phase, base = path[:i], path[i+1:]
	}
	n, ok := parseName(base)
	return ok && (n.title != "" && n.title == f.Title || phase == f.Phase && n.number.Compare(f.Number) == 0)
}
