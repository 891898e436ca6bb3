package desired

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/pgdump"
)

// askDump has pg_dump print a replayed database and one that was rebuilt from
// plumb's own SQL of it, and notes the lines that only one of them has.
func (b *Builder) askDump(ctx context.Context, v *Verification, want, got *devserver.Database) error {
	program, version := pgdump.Find(ctx, b.server.Major())
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
	if len(v.Missing)+len(v.Extra) == 0 {
		return nil
	}
	return b.forgive(ctx, v, program, want, a)
}

// forgive leaves out the lines that are of words only (reword.go). The witness
// itself says which: they are gone, or new, in a copy too that was restored from
// its own dump, in which nothing is plumb's. Where that dump cannot be restored
// whole, every line is told.
func (b *Builder) forgive(ctx context.Context, v *Verification, program string, want *devserver.Database, lines []string) (err error) {
	copied, err := b.server.Create(ctx, b.locale)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.Drop(context.WithoutCancel(ctx))) }()
	text, err := pgdump.Text(ctx, program, want)
	if err != nil {
		return err
	}
	if v.Unrestored = restore(ctx, copied, text); v.Unrestored != nil {
		return nil
	}
	again, err := pgdump.Lines(ctx, program, copied)
	if err != nil {
		return err
	}
	v.Missing = pgdump.Without(v.Missing, pgdump.Without(lines, again))
	v.Extra = pgdump.Without(v.Extra, pgdump.Without(again, lines))
	return nil
}

// restore runs a dump in an empty database. The settings at its head may be
// those of a later major; nothing else may fail.
func restore(ctx context.Context, db *devserver.Database, text string) error {
	script, err := NewScript("the dump", text)
	if err != nil {
		return err
	}
	s, err := openSession(ctx, db)
	if err != nil {
		return err
	}
	defer s.close()
	for _, st := range script.Statements {
		if err := RunStatement(ctx, s.conn, st); err != nil && !strings.HasPrefix(st.Text, "SET ") {
			return fmt.Errorf("cannot restore line %d of the dump: %w", st.Line, err)
		}
	}
	return nil
}
