package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/internal/report"
)

type driftOptions struct {
	url, format string
	noColour    bool
}

func newDrift(p *project) *cobra.Command {
	var o driftOptions
	cmd := &cobra.Command{
		Use:   "drift --url URL",
		Short: "Report how a live database differs from its migrations",
		Long: `Report how a live database differs from what its migrations make. The database
is only read. Where it keeps a log of applied migrations, those that are pending
are told apart from drift.

Exit codes: 0 in sync, 2 drift, 1 it could not be told.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDrift(cmd.Context(), p, o) },
	}
	cmd.Flags().StringVarP(&o.url, "url", "u", "", "the database: postgres://… or env://NAME (default the env's url, then $DATABASE_URL)")
	cmd.Flags().StringVar(&o.format, "format", "text", "text or json")
	cmd.Flags().BoolVar(&o.noColour, "no-color", false, "no colours, also on a terminal")
	p.reachFlags(cmd.Flags())
	return cmd
}

func runDrift(ctx context.Context, p *project, o driftOptions) error {
	if err := oneOf("--format", o.format, "text", "json"); err != nil {
		return err
	}
	live, err := p.liveOrSaved(o.url)
	if err != nil {
		return err
	}
	b, err := p.builder(ctx, live)
	if err != nil {
		return err
	}
	defer b.Close()
	d, err := p.drift(ctx, b, live)
	if err != nil {
		return err
	}
	var text strings.Builder
	if o.format == "json" {
		err = d.JSON(&text)
	} else {
		err = d.Text(&text, !o.noColour && p.colours())
	}
	if err == nil {
		err = p.print(text.String())
	}
	if err == nil && p.strict {
		err = p.examined(d.NotExamined)
	}
	if err == nil && d.Drifted() {
		return verdict{code: exitDiffers}
	}
	return err
}

// drift compares a live database, or its snapshot, with its history.
func (p *project) drift(ctx context.Context, b *desired.Builder, live desired.State) (*report.Drift, error) {
	taken, err := b.Take(ctx, live)
	if err != nil {
		return nil, err
	}
	t, err := newBench(p, b)
	if err != nil {
		return nil, err
	}
	return t.drift(ctx, live, taken)
}

// colours reports whether the result goes to somebody who sees colours.
func (p *project) colours() bool {
	f, ok := p.stdout.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
