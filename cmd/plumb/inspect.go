package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

func newInspect(p *project) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "inspect STATE",
		Short: "Print the schema of a state as canonical SQL, or as a snapshot",
		Long: `Print the SQL that makes the schema of a state in an empty database. With
--format json it is a snapshot, which can be named as a state later on:
file://snapshot.json.`,
		Example: `  plumb inspect "$DATABASE_URL"
  plumb inspect 'migrations?to=mvp.1'
  plumb inspect env://staging --schema public --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runInspect(cmd.Context(), p, args[0], format)
		},
	}
	formatFlag(cmd, &format, "sql", "json")
	p.reachFlags(cmd.Flags())
	return cmd
}

func runInspect(ctx context.Context, p *project, arg, format string) error {
	if err := oneOf("--format", format, "sql", "json"); err != nil {
		return err
	}
	state, err := p.state(arg)
	if err != nil {
		return err
	}
	return p.built(ctx, state, func(b *desired.Builder, built *desired.Built) error {
		if format == "json" {
			data, err := schema.Encode(b.Outside(built).Remove(built.Snapshot))
			if err != nil {
				return err
			}
			return p.print(string(data))
		}
		plan, _, err := p.fromNothing(ctx, b, built)
		if err != nil {
			return err
		}
		return p.print(report.SQL(plan))
	})
}
