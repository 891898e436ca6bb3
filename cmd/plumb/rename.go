package main

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

const renameUsage = "`OLD=NEW` of an object that has been renamed, such as public.users.nick=public.users.nickname, or moved to another schema, such as public.users=app.users; may be repeated"

// makePlan plans the way between two snapshots, and says what it took for renamed.
// Where they differ and there is nothing to run, that is an error, not agreement.
func (p *project) makePlan(from, to *schema.Snapshot, renames []string) (*diff.Plan, error) {
	asked, err := p.renamings(from, to, renames)
	if err != nil {
		return nil, err
	}
	plan, err := diff.MakePlan(from, to, p.kinds(), asked...)
	if err != nil {
		return nil, err
	}
	if left := diff.Compare(from, to, p.kinds()); plan.Empty() && len(left) > 0 {
		return nil, &desired.UnprovedError{Left: left}
	}
	p.online(plan, from, to)
	for _, s := range plan.Steps {
		if s.Action == diff.Rename {
			p.say("%s is taken to be renamed: it is now called %s", report.OneLine(s.Was.String()), report.OneLine(s.ID.Name))
		}
		if s.Guess != "" {
			p.say("%s: %s", report.OneLine(s.ID.String()), report.OneLine(s.Guess))
		}
	}
	return plan, nil
}

// renamings reads the values of --rename: the old name is one of from's, the
// new one of to's, and both are of one kind.
func (p *project) renamings(from, to *schema.Snapshot, values []string) ([]diff.Renaming, error) {
	var out []diff.Renaming
	for _, v := range values {
		old, now, ok := strings.Cut(v, "=")
		if !ok {
			return nil, fmt.Errorf("cannot read --rename %s: write OLD=NEW, as in public.users.nick=public.users.nickname", v)
		}
		r, err := p.renaming(from, to, strings.TrimSpace(old), strings.TrimSpace(now))
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (p *project) renaming(from, to *schema.Snapshot, old, now string) (diff.Renaming, error) {
	for _, o := range from.Sorted() {
		if o.ID.Name != old && o.ID.String() != old || p.kinds().Find(o.ID.Kind).Rename == nil {
			continue
		}
		for _, name := range []string{now, strings.TrimPrefix(now, o.ID.Kind+" ")} {
			id := schema.ID{Kind: o.ID.Kind, Name: name}
			if to.Objects[id] != nil {
				return diff.Renaming{Old: o.ID, New: id}, nil
			}
		}
	}
	return diff.Renaming{}, fmt.Errorf("cannot rename %s to %s: give names as plumb diff prints them, one that is only in the old state and one that is only in the new", old, now)
}

// ambiguous lists what may have been renamed, each with the flag that says to what.
func ambiguous(plan *diff.Plan) string {
	var text strings.Builder
	for _, a := range plan.Ambiguous {
		fmt.Fprintf(&text, "\n  %s may have been renamed; if so, say to what:", report.OneLine(a.Old.String()))
		for _, c := range a.Candidates {
			fmt.Fprintf(&text, "\n    --rename %s", shellQuote(a.Old.Name+"="+c.Name))
		}
	}
	return text.String()
}
