package history

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Number is a migration's number as its file name writes it: 005, 2.1,
// 20240101120000. It may be longer than any machine integer.
type Number string

// Compare orders numbers by value, part by part: 5 equals 005, 2 equals 2.0
// and is before 2.1, which is before 2.10.
func (n Number) Compare(m Number) int {
	a, b := n.parts(), m.parts()
	for i := range max(len(a), len(b)) {
		if c := compareDigits(at(a, i), at(b, i)); c != 0 {
			return c
		}
	}
	return 0
}

func (n Number) parts() []string {
	return strings.FieldsFunc(string(n), func(r rune) bool { return r == '.' || r == '_' })
}

func at(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

func compareDigits(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// short is the number without padding.
func (n Number) short() string {
	return cmp.Or(strings.TrimLeft(string(n), "0"), "0")
}

// padded reports whether zeros fill the number up to its width.
func (n Number) padded() bool { return len(n) > 1 && n[0] == '0' }

// counts reports whether the number is one of a plain count 1, 2, 3 …, so
// that a gap before it means something.
func (n Number) counts() bool {
	_, _, stamp := n.stamp()
	return !stamp && len(n) <= 9 && len(n.parts()) == 1
}

// clock is a way to write a time as a number, and its finest step.
type clock struct {
	layout string
	step   time.Duration
}

var clocks = []clock{
	{"20060102150405", time.Second},
	{"200601021504", time.Minute},
	{"20060102", 24 * time.Hour},
}

// stamp returns the time that the number stands for, if it is a time. Digits
// after the seconds are fractions or a count, and do not matter.
func (n Number) stamp() (time.Time, clock, bool) {
	for i, c := range clocks {
		if len(n) == len(c.layout) || i == 0 && len(n) > len(c.layout) {
			if t, err := time.Parse(c.layout, string(n[:len(c.layout)])); err == nil {
				return t, c, true
			}
		}
	}
	return time.Time{}, clock{}, false
}

// millis reports whether the number counts the milliseconds since 1970, as
// Hasura, TypeORM and node-pg-migrate write a time: up to the year 2033.
func (n Number) millis() bool {
	rest, ok := strings.CutPrefix(string(n), "1")
	return ok && len(rest) == 12 && strings.Trim(rest, "0123456789") == ""
}

// width is how many digits the padded numbers fill, 0 if none is padded.
func width(numbers []Number) int {
	w := 0
	for _, n := range numbers {
		if n.padded() {
			w = max(w, len(n.parts()[0]))
		}
	}
	return w
}

// next is the number after the highest, written as the others are. Times go
// on with the time now, or one step after the highest if that lies ahead.
func next(numbers []Number, now time.Time) Number {
	if len(numbers) == 0 {
		return "001"
	}
	highest := slices.MaxFunc(numbers, Number.Compare)
	if t, c, ok := highest.stamp(); ok {
		s := now.UTC().Format(c.layout)
		if s <= string(highest[:len(c.layout)]) {
			s = t.Add(c.step).Format(c.layout)
		}
		return Number(s + strings.Repeat("0", len(highest)-len(c.layout)))
	}
	if ms := Number(strconv.FormatInt(now.UnixMilli(), 10)); highest.millis() && ms.Compare(highest) > 0 {
		return ms
	}
	last := strings.LastIndexAny(string(highest), "._") + 1
	n := string(highest[:last]) + increment(string(highest[last:]))
	if last == 0 {
		n = strings.Repeat("0", max(0, width(numbers)-len(n))) + n
	}
	return Number(n)
}

// increment adds one to decimal digits and keeps their width where it can.
func increment(digits string) string {
	d := []byte(digits)
	for i := len(d) - 1; i >= 0; i-- {
		if d[i] != '9' {
			d[i]++
			return string(d)
		}
		d[i] = '0'
	}
	return "1" + string(d)
}
