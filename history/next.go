package history

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// Next is the number of the next migration in the latest phase that has any:
// the highest plus one, in the width in use; 001 in an empty history. Where
// numbers are times it is the time now, or just after the highest.
func (h *History) Next(now time.Time) Number { return h.next(h.latest(), now) }

func (h *History) next(phase string, now time.Time) Number {
	if h.Numbering != PerFolder || len(h.all) == 0 {
		return next(h.numbers(), now)
	}
	inPhase := numbers(h.all, func(f *File) bool { return f.Phase == phase })
	if len(inPhase) > 0 {
		return next(inPhase, now)
	}
	return Number(strings.Repeat("0", max(0, width(h.numbers())-1)) + "1")
}

func (h *History) numbers() []Number {
	return numbers(h.all, func(*File) bool { return true })
}

// NextPath is where the next migration belongs: its phase folder, and a name
// of the next number and the title, in the style of the files that are there.
// Without a phase it is the latest one that has files. A phase may be empty
// still, but must be declared, or be there as a folder.
func (h *History) NextPath(phase, title string, now time.Time) (string, error) {
	words := slug(title)
	if words == "" {
		return "", fmt.Errorf("cannot name the next migration: title %q has no letters or digits; say in words what it does", title)
	}
	if phase == "" {
		phase = h.latest()
	} else if !slices.Contains(h.Phases, phase) {
		return "", fmt.Errorf("cannot put a migration into phase %s: there is %s; declare it, or make its folder", quote(phase), h.listPhases())
	}
	return path.Join(phase, h.style().write(h.next(phase, now), words)), nil
}

// latest is the last phase with files; without files, the first phase.
func (h *History) latest() string {
	rank, latest := h.rank(), ""
	for _, f := range h.all {
		if rank[f.Phase] > rank[latest] {
			latest = f.Phase
		}
	}
	if len(h.all) == 0 && len(h.Phases) > 0 {
		return h.Phases[0]
	}
	return latest
}

// style is the style of the last file's name.
func (h *History) style() style {
	if len(h.all) == 0 {
		return style{sep: "_", suffix: ".sql"}
	}
	return h.all[len(h.all)-1].style
}

func (h *History) listPhases() string {
	if len(h.Phases) == 0 {
		return "no phase"
	}
	return strings.Join(h.Phases, ", ")
}
