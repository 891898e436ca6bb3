package main

import (
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

// leave is the wanted state without the changes that diff.skip in the project
// file leaves out. Each is told to the person.
func (p *project) leave(from, to *schema.Snapshot, renames []string) (*schema.Snapshot, error) {
	asked, err := p.renamings(from, to, renames)
	if err != nil {
		return nil, err
	}
	to, left, err := diff.Leave(from, to, p.kinds(), p.set.Skip, asked...)
	for _, l := range left {
		p.say("left out: %s", report.OneLine(l.String()))
	}
	return to, err
}

// online lets a plan make and drop indexes while rows are written, as far as
// diff.concurrent_index in the project file says so.
func (p *project) online(plan *diff.Plan, from, to *schema.Snapshot) {
	var actions []diff.Action
	if p.set.Concurrent["create"] {
		actions = append(actions, diff.Create)
	}
	if p.set.Concurrent["drop"] {
		actions = append(actions, diff.Drop)
	}
	plan.Online(from, to, p.kinds(), actions...)
}
