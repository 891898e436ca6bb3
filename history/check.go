package history

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"
)

// check refuses what would make the order, or its protection, uncertain.
// The files are sorted.
func (h *History) check() (problems []error) {
	for i, f := range h.all {
		if i > 0 && h.sameSequence(h.all[i-1], f) && h.all[i-1].Number.Compare(f.Number) == 0 {
			problems = append(problems, h.duplicate(h.all[i-1], f))
		}
		if sum, err := migrate.NewHashFile([]migrate.File{f}); err == nil && len(sum) == 0 {
			problems = append(problems, refuse("%s:1: the directive atlas:sum ignore would leave the file unprotected; remove it", quote(f.Path)))
		}
	}
	return problems
}

func (h *History) duplicate(a, b *File) error {
	remedy := fmt.Sprintf("rename one (%s is free)", next(numbers(h.all, func(f *File) bool { return h.sameSequence(f, b) }), time.Now()))
	if a.Phase != b.Phase && h.layout.Numbering == Detect {
		remedy += fmt.Sprintf(", or declare numbering = %q if every folder restarts", PerFolder)
	}
	remedy += "; after a merge plumb rebase does so and proves it"
	return refuse("%s and %s both have number %s; %s", quote(a.Path), quote(b.Path), a.Number.short(), remedy)
}

// numbers are those of the files that count.
func numbers(files []*File, count func(*File) bool) (ns []Number) {
	for _, f := range files {
		if count(f) {
			ns = append(ns, f.Number)
		}
	}
	return ns
}

// warn remarks on what is odd, though the order is certain.
func (h *History) warn() (warnings []Warning) {
	var before, furthest *File // the file before f in its sequence; the one in the latest phase so far
	rank, widths := h.rank(), h.widths()
	for _, f := range h.all {
		var remarks []string
		if before != nil && h.sameSequence(before, f) {
			remarks = append(remarks, gap(before, f))
		}
		remarks = append(remarks, narrow(f, widths[h.sequence(f)]))
		if furthest != nil && rank[f.Phase] < rank[furthest.Phase] {
			remarks = append(remarks, late(f, furthest))
		} else {
			furthest = f
		}
		if len(f.Statements) == 0 {
			remarks = append(remarks, "has no statements")
		}
		for _, r := range remarks {
			if r != "" {
				warnings = append(warnings, Warning{f.Path, r})
			}
		}
		before = f
	}
	return warnings
}

// sequence names the sequence that a file's number belongs to.
func (h *History) sequence(f *File) string {
	if h.Numbering == PerFolder {
		return f.Phase
	}
	return ""
}

// sameSequence reports whether the numbers of a and b count together.
func (h *History) sameSequence(a, b *File) bool { return h.sequence(a) == h.sequence(b) }

// widths is how many digits numbers have, by sequence.
func (h *History) widths() map[string]int {
	widths := map[string]int{}
	for _, f := range h.all {
		s := h.sequence(f)
		widths[s] = max(widths[s], width([]Number{f.Number}))
	}
	return widths
}

// narrow remarks on a number that other tools, which compare names as text,
// would put elsewhere.
func narrow(f *File, width int) string {
	if !f.Number.counts() || len(f.Number) >= width {
		return ""
	}
	padded := strings.Repeat("0", width-len(f.Number)) + string(f.Number)
	return fmt.Sprintf("has a number with fewer digits than others, so other tools order it differently; rename it to begin with %s", padded)
}

// late remarks on a file whose number is higher than one of a later phase.
func late(f, furthest *File) string {
	phase := "the root folder"
	if f.Phase != "" {
		phase = quote(f.Phase)
	}
	return fmt.Sprintf("is replayed after %s, as its number says, though %s is the earlier phase", quote(furthest.Path), phase)
}

// gap says which numbers of a count are missing before f, "" if none.
func gap(before, f *File) string {
	if !before.Number.counts() || !f.Number.counts() {
		return ""
	}
	from, to := Number(increment(string(before.Number))), decrement(f.Number)
	switch c := from.Compare(to); {
	case c > 0:
		return ""
	case c == 0:
		return fmt.Sprintf("number %s is missing after %s", from, quote(before.Path))
	default:
		return fmt.Sprintf("numbers %s to %s are missing after %s", from, to, quote(before.Path))
	}
}

// decrement is the number before n, which is not 0.
func decrement(n Number) Number {
	d := []byte(n)
	for i, c := range slices.Backward(d) {
		if c != '0' {
			d[i]--
			break
		}
		d[i] = '9'
	}
	if s := strings.TrimLeft(string(d), "0"); n[0] != '0' && s != "" {
		return Number(s) // 10 goes to 9, not 09
	}
	return Number(d)
}
