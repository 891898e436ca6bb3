package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// reachFlags are the flags of commands that compare: how far they look, and
// what it means if something was not looked at.
func (p *project) reachFlags(f *pflag.FlagSet) {
	f.BoolVar(&p.cluster, "cluster", false, "roles, memberships, settings and the database's own privileges, too")
	f.BoolVar(&p.strict, "strict", false, "what plumb cannot examine is an error (exit 1)")
}

// kinds lists what is compared.
func (p *project) kinds() schema.Kinds {
	if p.cluster {
		return slices.Concat(kinds.Cluster, kinds.All, kinds.Seeds)
	}
	return slices.Concat(kinds.All, kinds.Seeds)
}

// examined says what was not examined, or refuses to go on where that is wanted.
func (p *project) examined(notExamined []string) error {
	if p.strict && len(notExamined) > 0 {
		return fmt.Errorf("cannot tell (--strict): not examined are\n  %s", strings.Join(oneLines(notExamined), "\n  "))
	}
	for _, what := range oneLines(notExamined) {
		p.say("not examined: %s", what)
	}
	return nil
}

func oneLines(texts []string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, report.OneLine(t))
	}
	return out
}

// union lists what is in either list, sorted.
func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}
