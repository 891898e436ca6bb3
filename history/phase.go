package history

import (
	"cmp"
	"slices"
	"strings"
)

// phases returns the phase folders in order: as declared, or else naturally.
// Where phases are declared, every folder with migrations must be among them.
func phases(declared []string, files []*File, empty []string) (order []string, problems []error) {
	var used []string
	for _, f := range files {
		if f.Phase != "" && !slices.Contains(used, f.Phase) {
			used = append(used, f.Phase)
		}
	}
	if len(declared) == 0 {
		order = append(used, empty...)
		slices.SortFunc(order, compareNatural)
		return order, nil
	}
	for i, p := range declared {
		if slices.Contains(declared[:i], p) {
			problems = append(problems, refuse("phase %s is declared twice; remove one", quote(p)))
		}
	}
	for _, p := range used {
		if !slices.Contains(declared, p) {
			problems = append(problems, refuse("folder %s is not among the declared phases %s; declare it, or move its files", quote(p), strings.Join(declared, ", ")))
		}
	}
	return slices.Clone(declared), problems
}

// compareNatural orders names as people do: digits by value, the rest by
// letter, so that mvp.0 < mvp.2 < v1 < v2 < v10.
func compareNatural(a, b string) int {
	whole := strings.Compare(a, b)
	for a != "" && b != "" {
		var x, y string
		if isDigit(a[0]) && isDigit(b[0]) {
			x, a = cutDigits(a)
			y, b = cutDigits(b)
			if c := compareDigits(x, y); c != 0 {
				return c
			}
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), whole)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func cutDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return s[:i], s[i:]
}
