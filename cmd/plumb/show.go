package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

type showOptions struct {
	version, object string
	tables          bool
}

func newShow(p *project) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show [VERSION] [OBJECT]",
		Short: "Print the schema as it stands at a version of the migrations",
		Long: `Print the whole schema as it stands at a phase, a number or a file of the migrations:
SQL that makes it, by object, each table with its indexes, policies and comments.
--tables lists the tables only, and with an OBJECT that one is told of as psql's \d
would, with its policies. Instead of a version, any STATE will do.`,
		Example: `  plumb show
  plumb show mvp.1 --tables
  plumb show v1 availability_blocks
  plumb show "$DATABASE_URL" public.units`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.version, o.object = append(args, "", "")[0], append(args, "", "")[1]
			return runShow(cmd.Context(), p, o)
		},
	}
	cmd.Flags().BoolVar(&o.tables, "tables", false, "list the tables only")
	p.reachFlags(cmd.Flags())
	return cmd
}

func runShow(ctx context.Context, p *project, o showOptions) error {
	state, err := p.version(o.version)
	if err != nil {
		return err
	}
	return p.built(ctx, state, func(b *desired.Builder, built *desired.Built) error {
		switch {
		case o.object != "":
			return p.describe(b.Outside(built).Remove(built.Snapshot), o.object, state)
		case o.tables:
			return p.print(report.Tables(b.Outside(built).Remove(built.Snapshot)))
		}
		plan, sides, err := p.fromNothing(ctx, b, built)
		if err != nil {
			return err
		}
		return p.print(sides.Schema(plan))
	})
}

// version is the state of the migrations at a version, or any other state.
func (p *project) version(arg string) (desired.State, error) {
	if arg == "" {
		return p.history(), nil
	}
	if h, err := history.Open(p.folder(), p.layout()); err == nil {
		if _, err := h.UpTo(arg); err == nil {
			return p.at(arg), nil
		}
	}
	s, err := p.state(arg)
	if err != nil {
		return s, fmt.Errorf("cannot tell what %q is: no version of %s, and no state: %w", p.redactor.Text(arg), p.folder(), err)
	}
	return s, nil
}

// at is the history up to a version.
func (p *project) at(version string) desired.State {
	s := p.history()
	s.Name, s.UpTo = s.Name+"?to="+version, version
	return s
}

// describe tells of the objects that a name means: those that stand for
// themselves go before the parts of others.
func (p *project) describe(snap *schema.Snapshot, name string, state desired.State) error {
	found := named(snap.Sorted(), name)
	if len(found) == 0 {
		return fmt.Errorf("cannot find %q in %s; name it as plumb show does, such as public.units", name, state.Name)
	}
	var whole []*schema.Object
	for _, o := range found {
		if snap.Objects[o.Parent] == nil || o.Parent.Kind == "schema" {
			whole = append(whole, o)
		}
	}
	if len(whole) == 0 {
		whole = found
	}
	var text []string
	for _, o := range whole {
		text = append(text, report.Describe(snap, o, p.kinds()))
	}
	return p.print(strings.Join(text, "\n"))
}
