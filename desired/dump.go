package desired

import (
	"context"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/pgdump"
)

// askDump has pg_dump print two databases, and notes the lines that only one
// of them has.
func (v *Verification) askDump(ctx context.Context, major int, want, got *devserver.Database) error {
	program, version := pgdump.Find(ctx, major)
	if program == "" {
		return nil
	}
	a, err := pgdump.Lines(ctx, program, want)
	if err != nil {
		return err
	}
	c, err := pgdump.Lines(ctx, program, got)
	if err != nil {
		return err
	}
	v.Dump = version
	v.Missing, v.Extra = pgdump.Without(a, c), pgdump.Without(c, a)
	v.forgive()
	return nil
}

// forgive leaves out the pairs of lines that differ only in brackets and in
// where casts stand, which the server itself moves (reword.go). More than that,
// such as a cast to another type, it is told.
func (v *Verification) forgive() {
	v.Missing = slices.DeleteFunc(v.Missing, func(line string) bool {
		i := slices.IndexFunc(v.Extra, func(l string) bool { return bare(l) == bare(line) && slices.Equal(castTypes(l), castTypes(line)) })
		if i >= 0 {
			v.Extra = slices.Delete(v.Extra, i, i+1)
		}
		return i >= 0
	})
}

// castTypes lists the types that a text casts to, an array's as its element's,
// each once, sorted.
func castTypes(text string) []string {
	types := casts.FindAllString(text, -1)
	for i := range types {
		types[i] = strings.TrimSuffix(types[i], "[]")
	}
	slices.Sort(types)
	return slices.Compact(types)
}
