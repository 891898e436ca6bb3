package history

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"ariga.io/atlas/sql/migrate"
)

const sumFile = migrate.HashFileName // atlas.sum

// Edit is one way in which the files differ from what atlas.sum recorded.
type Edit struct {
	What EditKind
	Path string // as recorded; for Inserted and Added, the new file
	To   string // for Renamed, the new path
}

// EditKind names an Edit, for people and for reports.
type EditKind string

// What can happen to a history behind the back of atlas.sum. Only Added is
// how a history grows: a new file after all that are recorded.
const (
	Edited   EditKind = "edited"
	Deleted  EditKind = "deleted"
	Renamed  EditKind = "renamed"
	Inserted EditKind = "inserted"
	Moved    EditKind = "moved" // replayed at another place than recorded
	Added    EditKind = "added"
)

// String returns the edit in words: renamed mvp.0/002_a.sql to mvp.0/002_b.sql.
func (e Edit) String() string {
	s := string(e.What) + " " + quote(e.Path)
	if e.To != "" {
		s += " to " + quote(e.To)
	}
	return s
}

// SumError says what happened to the files since atlas.sum was written. It
// wraps migrate.ErrChecksumMismatch.
type SumError struct {
	Edits []Edit
	// Unknown files may or may not have been edited. A hash in atlas.sum
	// covers all the files before it as well, so after one that was edited or
	// deleted the contents of the rest cannot be compared.
	Unknown []string
}

func (e *SumError) Error() string {
	words := make([]string, len(e.Edits))
	for i, edit := range e.Edits {
		words[i] = edit.String()
	}
	s := fmt.Sprintf("cannot trust the migrations: since %s was written: %s", sumFile, strings.Join(words, ", "))
	if n := len(e.Unknown); n > 0 {
		s += fmt.Sprintf(" (%d later files can be compared only when this is undone)", n)
	}
	return s + "; undo it, or write " + sumFile + " again if it is meant"
}

func (e *SumError) Unwrap() error { return migrate.ErrChecksumMismatch }

// Verify compares all files of the history with atlas.sum. The error is a
// *SumError if they differ; it wraps migrate.ErrChecksumNotFound if there are
// files but no atlas.sum. No files need none.
func (h *History) Verify() error {
	recorded, err := h.readSum()
	if err != nil {
		return err
	}
	c := newComparison(recorded, h.all)
	if c.compare(); len(c.Edits) > 0 {
		return &c.SumError
	}
	return nil
}

// WriteSum records the files as they are now in atlas.sum.
func (h *History) WriteSum() error {
	sum, err := h.Checksum()
	if err != nil {
		return err
	}
	return migrate.WriteSumFile(h, sum)
}

func (h *History) readSum() (migrate.HashFile, error) {
	b, err := fs.ReadFile(h.fsys, sumFile)
	if errors.Is(err, fs.ErrNotExist) {
		if len(h.all) == 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("cannot trust the migrations: there is no %s (%w); write it once the files are reviewed", sumFile, migrate.ErrChecksumNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", sumFile, err)
	}
	return parseSum(b)
}

func parseSum(text []byte) (migrate.HashFile, error) {
	var sum migrate.HashFile
	if err := sum.UnmarshalText([]byte(strings.ReplaceAll(string(text), "\r\n", "\n"))); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w, as after a merge or an edit by hand; restore it, or write it again once the files are reviewed", sumFile, err)
	}
	return sum, nil
}
