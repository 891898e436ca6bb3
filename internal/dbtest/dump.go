package dbtest

import (
	"context"
	"fmt"

	"github.com/google/go-cmp/cmp"

	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/pgdump"
)

// SameDump wants pg_dump to print the same of both databases, the order of
// lines (and so of columns) aside, if there is a pg_dump that reads the major.
func SameDump(major int, got, want *devserver.Database) error {
	ctx := context.Background()
	program, _ := pgdump.Find(ctx, major)
	if program == "" {
		return nil
	}
	a, err := pgdump.Lines(ctx, program, want)
	if err != nil {
		return err
	}
	b, err := pgdump.Lines(ctx, program, got)
	if err != nil {
		return err
	}
	if d := cmp.Diff(a, b); d != "" {
		return &Broken{Undumped, fmt.Errorf("(-want +got)\n%s", d)}
	}
	return nil
}
