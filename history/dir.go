package history

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"

	"ariga.io/atlas/sql/migrate"
)

var _ migrate.Dir = (*History)(nil)

// Open reads the history in a folder on disk. Unlike one that Read returned,
// it can be written to; and symbolic links that leave the folder are refused.
func Open(dir string, layout Layout) (*History, error) {
	return Read(folder(dir), layout)
}

// Open opens a file of the history's folder: a migration, or atlas.sum.
func (h *History) Open(name string) (fs.File, error) { return h.fsys.Open(name) }

// Files returns the migrations in the order of replay.
func (h *History) Files() ([]migrate.File, error) {
	files := make([]migrate.File, len(h.Migrations))
	for i, f := range h.Migrations {
		files[i] = f
	}
	return files, nil
}

// Checksum returns what atlas.sum should say: one line for each file of the
// whole history, also after UpTo.
func (h *History) Checksum() (migrate.HashFile, error) {
	files := make([]migrate.File, len(h.all))
	for i, f := range h.all {
		files[i] = f
	}
	return migrate.NewHashFile(files)
}

// WriteFile writes a file into the folder that Open has read, makes its phase
// folder if needed, and reads the history again. The file appears with all of
// its content or not at all.
func (h *History) WriteFile(name string, data []byte) error {
	dir, ok := h.fsys.(folder)
	if !ok {
		return fmt.Errorf("cannot write %s: this history is not a folder on disk; write where it comes from", quote(name))
	}
	if err := dir.write(name, data); err != nil {
		return fmt.Errorf("cannot write %s: %w", quote(name), err)
	}
	again, err := Read(dir, h.layout)
	if err != nil {
		return err
	}
	*h = *again
	return nil
}

// folder is a folder on disk as an fs.FS that cannot be left.
type folder string

func (d folder) Open(name string) (fs.File, error) {
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.FS().Open(name)
}

// write puts the data into a hidden file first and then gives it its name.
func (d folder) write(name string, data []byte) (err error) {
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	temp := path.Join(path.Dir(name), fmt.Sprintf(".%s.%x", path.Base(name), rand.Uint64()))
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			root.Remove(temp)
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return root.Rename(temp, name)
}
