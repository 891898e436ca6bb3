package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
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
	live, err := p.live(o.url)
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

// drift compares a live database with its history, as far as that was applied.
func (p *project) drift(ctx context.Context, b *desired.Builder, live desired.State) (*report.Drift, error) {
	actual, err := b.Build(ctx, live)
	if err != nil {
		return nil, err
	}
	h, err := history.Open(p.folder(), p.layout())
	if err != nil {
		return nil, err
	}
	if err := p.trusted(h); err != nil {
		p.say("%s", err)
	}
	log, err := desired.ReadLog(ctx, live, actual.Snapshot, h)
	if err != nil {
		p.say("%s", err)
	}
	want := p.history()
	d := &report.Drift{Target: live.Name, Expected: p.folder(), Major: actual.Snapshot.Major()}
	if log != nil {
		want.Skip = log.Pending
		d.Log, d.Pending, d.Unknown = log.Table, log.Pending, log.Unknown
	}
	for _, f := range h.Migrations {
		if log == nil || log.Applied[f.Path] {
			d.Version = f.Path
		}
	}
	expected, err := b.Build(ctx, want)
	if err != nil {
		return nil, err
	}
	outside := b.Outside(expected, actual)
	if expected, actual, err = b.Align(ctx, expected, actual); err != nil {
		return nil, err
	}
	old, now := outside.Remove(expected.Snapshot), outside.Remove(actual.Snapshot)
	d.Findings = report.Findings(diff.Compare(old, now, p.kinds()), p.kinds())
	d.Compared, d.Hidden, d.NotExamined = len(now.Objects), now.Hidden, union(old.NotExamined, now.NotExamined)
	return d, nil
}

// colours reports whether the result goes to somebody who sees colours.
func (p *project) colours() bool {
	f, ok := p.stdout.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
