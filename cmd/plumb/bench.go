package main

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

// A bench holds databases against the project's history, one after the other.
// What the history makes is built once for all that are equally far.
type bench struct {
	mu       sync.Mutex
	p        *project
	b        *desired.Builder
	history  *history.History
	expected map[string]*desired.Built // by the migrations that are left out
}

func newBench(p *project, b *desired.Builder) (*bench, error) {
	h, err := history.Open(p.folder(), p.layout())
	if err != nil {
		return nil, err
	}
	if err := p.trusted(h); err != nil {
		p.sayOnce("%s", err)
	}
	return &bench{p: p, b: b, history: h, expected: map[string]*desired.Built{}}, nil
}

// drift compares a database, as it was read, with the history as far as it was
// applied there. Others wait meanwhile.
func (t *bench) drift(ctx context.Context, live desired.State, taken *desired.Saved) (*report.Drift, error) {
	c, err := t.compare(ctx, live, taken)
	if err != nil {
		return nil, err
	}
	return c.drift, t.p.accept(c.drift)
}

// A comparison is a drift with both of the states that it is between.
type comparison struct {
	drift    *report.Drift
	pending  []string
	old, now *schema.Snapshot // as the history makes it, and as it is
}

// accepted lists what differs and is accepted.
func (c *comparison) accepted() []schema.ID {
	var out []schema.ID
	for _, f := range c.drift.Accepted {
		out = append(out, schema.ID{Kind: f.Kind, Name: f.Name})
	}
	return out
}

func (t *bench) compare(ctx context.Context, live desired.State, taken *desired.Saved) (*comparison, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := &report.Drift{Target: live.Name, Expected: t.p.folder(), Major: taken.State.Major(), NotVisible: taken.Gaps()}
	pending := t.progress(d, taken)
	expected, err := t.build(ctx, pending)
	if err != nil {
		return nil, err
	}
	actual := &desired.Built{State: live, Snapshot: taken.State}
	outside := t.b.Outside(expected, actual)
	defer t.b.Forget(taken.State)
	if expected, actual, err = t.b.Align(ctx, expected, actual); err != nil {
		return nil, err
	}
	old, now := outside.Remove(expected.Snapshot), outside.Remove(actual.Snapshot)
	d.Findings = report.Findings(diff.Compare(old, now, t.p.kinds()), t.p.kinds())
	d.Compared, d.Hidden, d.NotExamined = len(now.Objects), now.Hidden, union(old.NotExamined, now.NotExamined)
	if expected.Filled > 0 {
		d.Hidden[desired.FilledRule] = expected.Filled
	}
	return &comparison{d, pending, old, now}, nil
}

// progress notes how far the database is by its own log, and returns what is pending.
func (t *bench) progress(d *report.Drift, taken *desired.Saved) (pending []string) {
	var log *desired.Log
	if taken.Log != nil {
		var err error
		if log, err = taken.Log.Match(t.history); err != nil {
			t.p.say("%s: %s", d.Target, report.OneLine(err.Error()))
		}
	}
	if log != nil {
		d.Log, d.Pending, d.Unknown = log.Table, log.Pending, log.Unknown
	}
	for _, f := range t.history.Migrations {
		if !slices.Contains(d.Pending, f.Path) {
			d.Version = f.Path
		}
	}
	return d.Pending
}

// build builds the history without what is pending.
func (t *bench) build(ctx context.Context, pending []string) (*desired.Built, error) {
	key := strings.Join(pending, "\n")
	if t.expected[key] == nil {
		want := t.p.history()
		want.Skip = pending
		built, err := t.b.Build(ctx, want)
		if err != nil {
			return nil, err
		}
		t.expected[key] = built
	}
	return t.expected[key], nil
}
