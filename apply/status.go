package apply

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
)

// A Status is how a database stands to a history.
type Status struct {
	// Log is where the database notes what was applied; "" where it does not.
	Log   string
	Files []FileStatus
	// Unknown lists what is in the log and is no file of the history.
	Unknown []string
}

// A FileStatus is how a database stands to one file.
type FileStatus struct {
	File *history.File
	What What
	// Entry is what plumb's own log says; the zero Entry for a file that was not
	// begun, and for one that another tool's log has.
	Entry Entry
}

// What says how a database stands to a file.
type What string

// How a database can stand to a file.
const (
	IsApplied  What = "applied"
	IsPending  What = "pending"
	OutOfOrder What = "out of order" // pending, though a later file was applied
	IsEdited   What = "edited"       // applied, and not as it is now
	Halfway    What = "halfway"      // begun and stopped, outside of a transaction
)

// newStatus holds a log against a history.
func newStatus(h *history.History, table string, entries map[string]Entry) Status {
	s := Status{Log: table}
	latest := -1
	for i, f := range h.Migrations {
		e, ok := entries[f.Path]
		st := FileStatus{f, IsPending, e}
		switch {
		case ok && e.State == Running:
			st.What = Halfway
		case ok && e.Checksum != "" && e.Checksum != checksum(string(f.Bytes())):
			st.What = IsEdited
		case ok:
			st.What = IsApplied
		}
		if ok {
			latest = i
		}
		s.Files = append(s.Files, st)
	}
	for i := range s.Files[:max(latest, 0)] {
		if s.Files[i].What == IsPending {
			s.Files[i].What = OutOfOrder
		}
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if !slices.ContainsFunc(h.Migrations, func(f *history.File) bool { return f.Path == name }) {
			s.Unknown = append(s.Unknown, name)
		}
	}
	return s
}

// Of lists the files that stand in one of some ways.
func (s Status) Of(what ...What) []FileStatus {
	return slices.DeleteFunc(slices.Clone(s.Files), func(f FileStatus) bool { return !slices.Contains(what, f.What) })
}

// Clean reports whether nothing is pending and nothing is odd.
func (s Status) Clean() bool { return len(s.Of(IsApplied)) == len(s.Files) && len(s.Unknown) == 0 }

// An Order says what happens to files that are pending though a later one was
// applied, in Atlas's words (exec_order).
type Order string

// The orders.
const (
	Linear     Order = "linear"      // they are refused
	LinearSkip Order = "linear-skip" // they are left out
	NonLinear  Order = "non-linear"  // they are run
)

// A Refusal is why nothing was run: a person has to decide first.
type Refusal struct{ text string }

func (r *Refusal) Error() string { return r.text }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// Todo lists the files to run, or why none can be.
func (s Status) Todo(order Order) ([]FileStatus, error) {
	if edited := s.Of(IsEdited); len(edited) > 0 {
		var lines []string
		for _, f := range edited {
			lines = append(lines, fmt.Sprintf("%s was applied as sha256 %.12s… and is now %.12s…", f.File.Path, f.Entry.Checksum, checksum(string(f.File.Bytes()))))
		}
		return nil, refuse("refused, nothing was run: %s; put the file back and write a new migration, or say --accept-edited to take it as it is now", strings.Join(lines, "\n  "))
	}
	if len(s.Unknown) > 0 {
		return nil, refuse("refused, nothing was run: the log of the database has %s, and the folder does not; is another branch applied there? update the folder, or say --accept-unknown", strings.Join(s.Unknown, ", "))
	}
	what := []What{IsPending, Halfway}
	if late := s.Of(OutOfOrder); len(late) > 0 && order == Linear {
		return nil, refuse("refused, nothing was run: %s is pending, and a later file was applied already; renumber it with plumb rebase, or say --exec-order non-linear to run it now, or linear-skip to leave it out",
			late[0].File.Path)
	}
	if order == NonLinear {
		what = append(what, OutOfOrder)
	}
	return s.Of(what...), nil
}

// StatusOf is how a database stands to a history by another tool's log, which
// says no more than which files were applied.
func StatusOf(h *history.History, log *desired.Log) Status {
	entries := map[string]Entry{}
	for path := range log.Applied {
		entries[path] = Entry{State: Applied}
	}
	s := newStatus(h, log.Table, entries)
	s.Unknown = log.Unknown
	return s
}
