package history

import (
	"fmt"
	"slices"
	"strings"
)

// UpTo returns the history as it was at some version, which is a phase, a
// number, or a file:
//
//	mvp.1                    all files of the phases up to and with mvp.1
//	005, 5                   all files up to and with number 5
//	mvp.1/005, mvp.1/5       the same, and the only way where folders restart their numbers
//	mvp.1/005_add_units.sql  the same
//
// A phase is meant where a phase and a number are both written so. Verify,
// WriteSum, Next and NextPath still see the whole history.
func (h *History) UpTo(version string) (*History, error) {
	cut := *h
	if i := slices.Index(h.Phases, version); i >= 0 {
		rank := h.rank()
		cut.Migrations = slices.DeleteFunc(slices.Clone(h.all), func(f *File) bool { return rank[f.Phase] > i })
		return &cut, nil
	}
	var last []int
	for i, f := range h.all {
		if f.is(version) {
			last = append(last, i)
		}
	}
	switch {
	case len(last) == 0:
		return nil, fmt.Errorf("cannot find version %q in the migrations: there %s", version, h.versions())
	case len(last) > 1:
		return nil, fmt.Errorf("cannot tell which version %q is meant: every folder has its own; name the folder too, as in %s", version, h.all[last[0]].Version())
	}
	cut.Migrations = h.all[:last[0]+1]
	return &cut, nil
}

// is reports whether a person who writes this version means the file.
func (f *File) is(version string) bool {
	if version == f.Path {
		return true
	}
	if f.Phase != "" {
		version = strings.TrimPrefix(version, f.Phase+"/")
	}
	return isNumber(version) && f.Number.Compare(Number(version)) == 0
}

func isNumber(s string) bool {
	return s != "" && isDigit(s[0]) && strings.Trim(s, "0123456789._") == ""
}

// versions says what exists.
func (h *History) versions() string {
	if len(h.all) == 0 {
		return "are none yet"
	}
	s := fmt.Sprintf("numbers %s to %s", h.all[0].Version(), h.all[len(h.all)-1].Version())
	if len(h.Phases) > 0 {
		s = "phases " + strings.Join(h.Phases, ", ") + " and " + s
	}
	return "are " + s
}
