package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

// accept leaves out of a drift what .plumbignore accepts.
func (p *project) accept(d *report.Drift) error {
	text, err := os.ReadFile(report.AcceptFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := report.ParseAcceptances(report.AcceptFile, string(text))
	if err != nil {
		return err
	}
	d.Accept(all, time.Now().UTC())
	return nil
}

// detail adds to the findings of a comparison which migrations made the objects,
// and the SQL for both ways.
func (t *bench) detail(ctx context.Context, c *comparison) error {
	if !c.drift.Drifted() {
		return nil
	}
	want := t.p.history()
	want.Skip = c.pending
	origins, err := t.b.Origins(ctx, want)
	if err != nil {
		return err
	}
	for i := range c.drift.Findings {
		f := &c.drift.Findings[i]
		if o, ok := origins.Of(c.known(schema.ID{Kind: f.Kind, Name: f.Name})); ok {
			f.Made, f.Changed = place(o.Made), place(o.Changed)
		}
	}
	c.statements(t.p.kinds(), c.old, c.now, func(f *report.Finding, sql []string) { f.Adopt = append(f.Adopt, sql...) })
	c.statements(t.p.kinds(), c.now, c.old, func(f *report.Finding, sql []string) { f.Revert = append(f.Revert, sql...) })
	return nil
}

func place(p desired.Place) report.Place {
	return report.Place{File: p.Path, Line: p.Line, Statement: p.Statement}
}

// known is the innermost object that the history makes of an object and what it
// is a part of.
func (c *comparison) known(id schema.ID) schema.ID {
	for o := c.now.Objects[id]; o != nil && c.old.Objects[o.ID] == nil; o = c.now.Objects[o.Parent] {
		id = o.Parent
	}
	return id
}

// statements gives each finding its part of the plan from one state to the
// other: the steps of its object, of the object's parts, and those that these
// have made necessary. A plan that cannot be made gives none; plumb diff and
// --fix say why.
func (c *comparison) statements(kinds schema.Kinds, from, to *schema.Snapshot, give func(*report.Finding, []string)) {
	plan, err := diff.MakePlan(from, to, kinds)
	if err != nil {
		return
	}
	index := map[schema.ID]*report.Finding{}
	for i := range c.drift.Findings {
		f := &c.drift.Findings[i]
		index[schema.ID{Kind: f.Kind, Name: f.Name}] = f
	}
	for _, s := range plan.Steps {
		for _, f := range c.findingsOf(s, index) {
			give(f, marked(s))
		}
	}
}

// findingsOf lists the findings that a step is about: one, or those of all
// objects that it changes together.
func (c *comparison) findingsOf(s diff.Step, index map[schema.ID]*report.Finding) []*report.Finding {
	var out []*report.Finding
	for _, id := range []schema.ID{s.ID, s.Was, s.Because} {
		if f := c.findingOf(id, index); f != nil {
			out = append(out, f)
			break
		}
	}
	if s.Action != diff.Alter {
		return out
	}
	for _, id := range s.Takes {
		if f := c.findingOf(id, index); f != nil && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// marked is the SQL of a step under its marks.
func marked(s diff.Step) []string {
	if len(s.SQL) == 0 {
		return nil
	}
	return append([]string{report.Marks(s) + s.SQL[0]}, s.SQL[1:]...)
}

// findingOf is the finding of an object, or of what it is a part of.
func (c *comparison) findingOf(id schema.ID, index map[schema.ID]*report.Finding) *report.Finding {
	for !id.IsZero() {
		if f := index[id]; f != nil {
			return f
		}
		o := c.now.Objects[id]
		if o == nil {
			o = c.old.Objects[id]
		}
		if o == nil {
			return nil
		}
		id = o.Parent
	}
	return nil
}
