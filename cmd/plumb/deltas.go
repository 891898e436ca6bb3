package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/report"
)

type deltasOptions struct {
	versions, format string
	sql              bool
}

func newDeltas(p *project) *cobra.Command {
	var o deltasOptions
	cmd := &cobra.Command{
		Use:   "deltas FROM..TO",
		Short: "Say what changed between two versions of the migrations",
		Long: `Say in words what changed between two versions of the migrations: phases, numbers or
files. An open end is the beginning, or the end. --sql prints the SQL instead, as one
migration would have it.`,
		Example: `  plumb deltas mvp.0..v1
  plumb deltas 005.. --sql
  plumb deltas ..mvp.1 --format markdown`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.versions = args[0]
			return runDeltas(cmd.Context(), p, o)
		},
	}
	formatFlag(cmd, &o.format, "text", "markdown", "json")
	cmd.Flags().BoolVar(&o.sql, "sql", false, "print the SQL")
	return cmd
}

func runDeltas(ctx context.Context, p *project, o deltasOptions) error {
	if err := oneOf("--format", o.format, "text", "markdown", "json"); err != nil {
		return err
	}
	first, last, ok := strings.Cut(o.versions, "..")
	if !ok {
		return fmt.Errorf("cannot read %q: write FROM..TO, as in mvp.0..v1", o.versions)
	}
	from, to := desired.State{Name: "the beginning", Source: desired.FromNothing}, p.history()
	if first != "" {
		from = p.at(first)
	}
	if last != "" {
		to = p.at(last)
	}
	b, err := p.builder(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	old, now, err := b.Sides(ctx, from, to)
	if err != nil {
		return err
	}
	plan, err := p.makePlan(old, now, nil)
	if err != nil {
		return err
	}
	if o.sql {
		return p.print(report.SQL(plan))
	}
	d := report.Deltas{From: from.Name, To: to.Name, Changes: diff.Compare(old, now, p.kinds()), Subjects: report.Subjects{From: old, To: now}}
	var text strings.Builder
	switch o.format {
	case "json":
		err = d.JSON(&text, plan.Statements())
	case "markdown":
		err = d.Markdown(&text)
	default:
		err = d.Text(&text)
	}
	if err != nil {
		return err
	}
	return p.print(text.String())
}
