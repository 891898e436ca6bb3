package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/internal/selftest"
	"github.com/tvl-platform/plumb/schema"
)

func newSelftest(p *project) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "selftest [STATE]",
		Short: "Show that drift would be noticed: try every class of it on a scratch copy",
		Long: `Make a scratch copy of the migrations, of the env's database, or of another STATE,
and change it in every way in which databases drift, one after the other. Each time
it is asked, with the settings of the project, whether drift would notice. Nothing
of yours is changed: the copy is on the throw-away server.

Exit codes: 0 all was caught, 2 something was missed, 1 it could not be told.`,
		Example: `  plumb selftest
  plumb selftest --env staging
  plumb selftest production.plumb --format json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSelftest(cmd.Context(), p, append(args, "")[0], format)
		},
	}
	formatFlag(cmd, &format, "text", "json")
	p.reachFlags(cmd.Flags())
	return cmd
}

func runSelftest(ctx context.Context, p *project, arg, format string) error {
	if err := oneOf("--format", format, "text", "json"); err != nil {
		return err
	}
	state, err := p.testable(arg)
	if err != nil {
		return err
	}
	b, err := p.builder(ctx, state)
	if err != nil {
		return err
	}
	defer b.Close()
	s, err := p.selftest(ctx, b, state, p.kinds())
	if err != nil {
		return err
	}
	var text strings.Builder
	if format == "json" {
		err = s.JSON(&text)
	} else {
		s.Text(&text)
	}
	if err == nil {
		err = p.print(text.String())
	}
	if err != nil {
		return err
	}
	return selftestVerdict(s)
}

// testable is the state that is copied.
func (p *project) testable(arg string) (desired.State, error) {
	switch {
	case arg != "":
		return p.state(arg)
	case p.env != nil && p.env.URL != "":
		return p.state("env://" + p.env.Name)
	}
	return p.history(), nil
}

// selftest tries every class of drift on a scratch copy of a state. The gate
// is what drift asks, with all that the project leaves out of it.
func (p *project) selftest(ctx context.Context, b *desired.Builder, state desired.State, kinds schema.Kinds) (*report.Selftest, error) {
	built, err := b.Build(ctx, state)
	if err != nil {
		return nil, err
	}
	outside := b.Outside(built)
	scratch, err := b.Scratch(ctx, built)
	if err != nil {
		return nil, err
	}
	conn, err := scratch.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := p.accept(&report.Drift{}); err != nil {
		return nil, err // said once; what is read is the same each time
	}
	test := selftest.Test{
		Conn:     conn,
		Kinds:    kinds,
		Seeds:    p.seeds(),
		Compared: outside.Remove(built.Snapshot).Objects,
		Gate: func(before, after *schema.Snapshot) string {
			d := &report.Drift{Findings: report.Findings(diff.Compare(outside.Remove(before), outside.Remove(after), kinds), kinds)}
			_ = p.accept(d)
			return firstFinding(d.Findings)
		},
	}
	outcomes, err := test.Run(ctx, selftest.All)
	return &report.Selftest{Target: state.Name, Major: built.Snapshot.Major(), Objects: len(test.Compared), Outcomes: outcomes}, err
}

// firstFinding says what was found, "" for nothing.
func firstFinding(found []report.Finding) string {
	if len(found) == 0 {
		return ""
	}
	f := found[0]
	text := fmt.Sprintf("%s %s", f.What, schema.ID{Kind: f.Kind, Name: f.Name})
	if f.Group == report.Security {
		text = "security: " + text
	}
	return text
}

// selftestVerdict is the exit code: a gate that catches nothing has failed,
// whatever the reasons.
func selftestVerdict(s *report.Selftest) error {
	switch {
	case s.Count(selftest.Missed) > 0, s.Count(selftest.Caught) == 0:
		return verdict{code: exitDiffers}
	case s.Count(selftest.Untried) > 0:
		return verdict{code: exitError}
	}
	return nil
}
