package desired

import (
	"context"

	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/schema"
)

// A Server says where the throw-away server may come from. The zero Server is
// any PostgreSQL that is installed on this machine.
type Server = devserver.Config

// Sides builds two states, makes them comparable, and takes from both what is
// not compared: diff.Compare and diff.MakePlan take it from there. Both are in the
// words of the server to begin with, which is to understand a plan, unless that
// cannot make the other.
func (b *Builder) Sides(ctx context.Context, from, to State) (*schema.Snapshot, *schema.Snapshot, error) {
	old, err := b.Build(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	now, err := b.Build(ctx, to)
	if err != nil {
		return nil, nil, err
	}
	outside := b.Outside(old, now)
	x, y, refused := b.AlignTo(ctx, old, now)
	if refused != nil {
		if x, y, err = b.Align(ctx, old, now); err != nil {
			return nil, nil, err
		}
		_, major := majors(old, now)
		b.sayOnce("the words of PostgreSQL %d are used, which %s may not understand: %v", major, printable(old.State.Name), refused)
	}
	return outside.Remove(x.Snapshot), outside.Remove(y.Snapshot), nil
}
