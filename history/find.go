package history

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// source is a file that may be a migration.
type source struct {
	path  string // from the root of the history
	phase string // the folder it is in, "" for the root
	name  string // the rest: 005_x.sql, 20240101120000_x/migration.sql
}

// finding is what a folder holds before any file is read.
type finding struct {
	sources  []source
	empty    []string // folders without any entry: phases that are still to come
	problems []error
}

// refuse is the error of a history that cannot be trusted.
func refuse(format string, args ...any) error {
	return fmt.Errorf("cannot read migrations: "+format, args...)
}

// find looks for migrations in the root folder and in its phase folders.
func find(fsys fs.FS) (*finding, error) {
	found := &finding{}
	folders, err := found.folder(fsys, "")
	if err != nil {
		return nil, err
	}
	for _, phase := range folders {
		deeper, err := found.folder(fsys, phase)
		if err != nil {
			return nil, err
		}
		for _, dir := range deeper {
			if p, ok := anySQL(fsys, path.Join(phase, dir)); ok {
				found.problems = append(found.problems, refuse("%s lies too deep: a history has one level of folders; move it into %s or out of the history",
					quote(p), quote(phase)))
			}
		}
	}
	return found, nil
}

// folder adds the migrations of one folder and returns its other folders.
func (found *finding) folder(fsys fs.FS, phase string) (folders []string, err error) {
	entries, err := fs.ReadDir(fsys, path.Join(".", phase))
	if err != nil {
		return nil, refuse("%w", err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return isHidden(e.Name()) })
	if len(entries) == 0 && phase != "" {
		found.empty = append(found.empty, phase)
	}
	for _, e := range entries {
		p := path.Join(phase, e.Name())
		isDir, err := isFolder(fsys, p, e)
		switch {
		case err != nil:
			found.problems = append(found.problems, err)
		case isDir:
			if script, ok := script(fsys, p, e.Name()); ok {
				found.sources = append(found.sources, source{path.Join(p, script), phase, path.Join(e.Name(), script)})
			} else {
				folders = append(folders, e.Name())
			}
		case isSQL(e.Name()):
			found.sources = append(found.sources, source{p, phase, e.Name()})
		}
	}
	return folders, nil
}

// isFolder reports whether an entry is a folder, or a link to one.
func isFolder(fsys fs.FS, p string, e fs.DirEntry) (bool, error) {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir(), nil
	}
	info, err := fs.Stat(fsys, p)
	if err != nil {
		return false, refuse("%s is a symbolic link to nowhere in this folder (%w); put the file itself here", quote(p), err)
	}
	return info.IsDir(), nil
}

// script returns the file to run of a migration that is a folder by itself, as
// Prisma's, Diesel's and Hasura's are.
func script(fsys fs.FS, dir, name string) (string, bool) {
	for _, script := range []string{"migration.sql", "up.sql"} {
		if _, ok := parseName(name + "/" + script); ok {
			if _, err := fs.Stat(fsys, path.Join(dir, script)); err == nil {
				return script, true
			}
		}
	}
	return "", false
}

// anySQL returns some migration below a folder.
func anySQL(fsys fs.FS, dir string) (found string, ok bool) {
	// The walk's errors are of folders that cannot be looked into: nothing to find there.
	_ = fs.WalkDir(fsys, dir, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && isSQL(e.Name()) {
			found, ok = p, true
			return fs.SkipAll
		}
		return nil
	})
	return found, ok
}
