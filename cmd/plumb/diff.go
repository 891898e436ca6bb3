package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/report"
)

type diffOptions struct {
	from, to string
	format   string
	exitCode bool
	explain  bool
	renames  []string
}

func newDiff(p *project) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff --from STATE --to STATE",
		Short: "Print the SQL that turns one state into another",
		Long: `Print the SQL that turns one state into another, and nothing if they are equal.
Nothing is refused: statements that lose rows are marked with a comment.`,
		Example: `  plumb diff --from migrations --to schema.sql
  plumb diff --from migrations --to "$DATABASE_URL" --explain
  plumb diff --from env://staging --to env://production --exit-code
  plumb diff --from 'migrations?to=mvp.1' --to migrations --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDiff(cmd.Context(), p, o) },
	}
	cmd.Flags().StringVar(&o.from, "from", "migrations", "the `STATE` to begin with")
	cmd.Flags().StringVar(&o.to, "to", "", "the `STATE` to end with")
	formatFlag(cmd, &o.format, "sql", "json")
	cmd.Flags().BoolVar(&o.explain, "explain", false, "print why each statement is there, what it waits for and what goes with it, as a tree")
	cmd.Flags().BoolVar(&o.exitCode, "exit-code", false, "exit with 2 if the states differ")
	cmd.Flags().StringArrayVar(&o.renames, "rename", nil, renameUsage)
	_ = cmd.MarkFlagRequired("to")
	p.reachFlags(cmd.Flags())
	return cmd
}

func runDiff(ctx context.Context, p *project, o diffOptions) error {
	if err := oneOf("--format", o.format, "sql", "json"); err != nil {
		return err
	}
	from, err := p.state(o.from)
	if err != nil {
		return err
	}
	to, err := p.state(o.to)
	if err != nil {
		return err
	}
	b, err := p.builder(ctx, from, to)
	if err != nil {
		return err
	}
	defer b.Close()
	old, now, err := b.Sides(ctx, from, to)
	if err != nil {
		return err
	}
	notExamined := union(old.NotExamined, now.NotExamined)
	if err := p.examined(notExamined); err != nil {
		return err
	}
	if now, err = p.leave(old, now, o.renames); err != nil {
		return err
	}
	plan, err := p.makePlan(old, now, o.renames)
	if err != nil {
		return err
	}
	if text := ambiguous(plan); text != "" {
		p.say("nothing was renamed where there is a choice:%s", text)
	}
	text, err := o.text(plan, notExamined)
	if err != nil {
		return err
	}
	if err := p.print(text); err != nil {
		return err
	}
	if o.exitCode && !plan.Empty() {
		return verdict{code: exitDiffers}
	}
	return nil
}

// text writes a plan as it was asked for.
func (o diffOptions) text(plan *diff.Plan, notExamined []string) (string, error) {
	switch {
	case o.format == "json":
		var text strings.Builder
		err := report.PlanJSON(&text, plan, notExamined)
		return text.String(), err
	case o.explain:
		return report.Explain(plan), nil
	}
	return report.SQL(plan), nil
}

// oneOf refuses a value that a flag does not know.
func oneOf(flag, value string, known ...string) error {
	for _, k := range known {
		if value == k {
			return nil
		}
	}
	known = slices.DeleteFunc(known, func(k string) bool { return k == "" })
	return fmt.Errorf("%s %q is unknown; use %s", flag, value, orList(known))
}
