package desired

import (
	"context"
	"fmt"
	"maps"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/devserver"
)

// Scratch makes a database in a state that was built, to do with as one
// pleases: a clone of what was replayed, or else the state made anew from its
// snapshot. The throw-away server drops it in the end.
func (b *Builder) Scratch(ctx context.Context, built *Built) (*devserver.Database, error) {
	if built.db == nil {
		again, err := b.remake(ctx, built)
		if err != nil {
			return nil, fmt.Errorf("cannot make %s anew: %w", built.State.Name, err)
		}
		built = again
	}
	return b.Clone(ctx, built)
}

// remake replays what makes a state from nothing.
func (b *Builder) remake(ctx context.Context, built *Built) (*Built, error) {
	empty, err := b.Build(ctx, State{Name: "empty", Source: FromNothing})
	if err != nil {
		return nil, err
	}
	whole := *built.Snapshot
	whole.Objects = maps.Clone(empty.Snapshot.Objects) // what a new database has may stay
	maps.Copy(whole.Objects, built.Snapshot.Objects)
	plan, err := diff.MakePlan(empty.Snapshot, &whole, b.cfg.Kinds)
	if err != nil {
		return nil, err
	}
	again := &Built{State: built.State}
	return again, b.buildScripts(ctx, again, []Script{planScript(built.State.Name, plan)})
}
