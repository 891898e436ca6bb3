package coverage

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/pgdump"
)

// dump is what pg_dump says of a database, nothing where there is none.
func (l *lab) dump(ctx context.Context, db *devserver.Database) ([]string, error) {
	if l.pgDump == "" {
		return nil, nil
	}
	return pgdump.Lines(ctx, l.pgDump, db)
}

// differs says how what was reached is not what was wanted; "" if it is.
func (l *lab) differs(ctx context.Context, got, want *state) string {
	if changes := l.builder.Changes(ctx, got.snap, want.snap); len(changes) > 0 {
		return fmt.Sprintf("%d objects differ, such as %s", len(changes), change(changes[0]))
	}
	missing, extra := pgdump.Without(want.dump, got.dump), pgdump.Without(got.dump, want.dump)
	if len(missing)+len(extra) == 0 {
		return ""
	}
	return fmt.Sprintf("pg_dump sees %d lines that differ, such as %s", len(missing)+len(extra),
		cmp.Or(first("+ ", missing), first("- ", extra)))
}

func change(c diff.Change) string {
	switch {
	case c.Old == nil:
		return c.ID().String() + ", which is missing"
	case c.New == nil:
		return c.ID().String() + ", which should not be there"
	}
	a := c.Attrs[0]
	return fmt.Sprintf("%s, whose %s is %q and should be %q", c.ID(), a, c.Old.Get(a), c.New.Get(a))
}

func first(sign string, lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return sign + lines[0]
}
