package main

import (
	"context"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/report"
)

// built builds a state and does something with it, once it is known that all of
// it was examined, or that nobody minds.
func (p *project) built(ctx context.Context, state desired.State, do func(*desired.Builder, *desired.Built) error) error {
	b, err := p.builder(ctx, state)
	if err != nil {
		return err
	}
	defer b.Close()
	built, err := b.Build(ctx, state)
	if err != nil {
		return err
	}
	if err := p.examined(built.Snapshot.NotExamined); err != nil {
		return err
	}
	return do(b, built)
}

// fromNothing plans the way from an empty database to a state.
func (p *project) fromNothing(ctx context.Context, b *desired.Builder, built *desired.Built) (*diff.Plan, report.Subjects, error) {
	empty, err := b.Build(ctx, desired.State{Name: "empty", Source: desired.FromNothing})
	if err != nil {
		return nil, report.Subjects{}, err
	}
	outside := b.Outside(built)
	sides := report.Subjects{From: outside.Remove(empty.Snapshot), To: outside.Remove(built.Snapshot)}
	plan, err := diff.MakePlan(sides.From, sides.To, p.kinds())
	return plan, sides, err
}
