package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

type driftOptions struct {
	url, format, output, fix, failOn string
	noColour                         bool
}

func newDrift(p *project) *cobra.Command {
	var o driftOptions
	cmd := &cobra.Command{
		Use:   "drift --url URL",
		Short: "Report how a live database differs from its migrations",
		Long: `Report how a live database, or a snapshot of one, differs from what its migrations
make. The database is only read. Where it keeps a log of applied migrations, those
that are pending are told apart from drift. What .plumbignore accepts is listed and
does not count.

Instead of the report, --fix adopt writes the migration that makes the history lead
to what is there, and --fix revert prints the SQL that puts the database back.

Exit codes: 0 in sync, 2 drift, 1 it could not be told, 3 --fix refused.`,
		Example: `  plumb drift --url "$STAGING_URL"
  plumb drift --env staging --format github
  plumb drift --env production --format sarif -o drift.sarif
  plumb drift --url production.plumb --fail-on high
  plumb drift --url "$STAGING_URL" --fix revert > revert.sql`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDrift(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.url, "url", "u", "", "the database: postgres://…, env://NAME, or the file of plumb snapshot (default the env's url, then $DATABASE_URL)")
	formatFlag(cmd, &o.format, report.FormatNames()...)
	f.StringVarP(&o.output, "output", "o", "", "write the report to a `FILE`")
	f.StringVar(&o.fix, "fix", "", "adopt (write the next migration) or revert (print the SQL that puts the database back)")
	f.StringVar(&o.failOn, "fail-on", string(report.Low), "the least severity that counts for the exit code: high, medium or low")
	f.BoolVar(&o.noColour, "no-color", false, "no colours, also on a terminal")
	p.reachFlags(f)
	return cmd
}

func runDrift(ctx context.Context, p *project, o driftOptions) error {
	err := errors.Join(oneOf("--format", o.format, report.FormatNames()...), oneOf("--fix", o.fix, "", "adopt", "revert"),
		oneOf("--fail-on", o.failOn, string(report.High), string(report.Medium), string(report.Low)))
	if err != nil {
		return err
	}
	live, err := p.liveOrSaved(o.url)
	if err != nil {
		return err
	}
	c, err := p.drift(ctx, live, o.fix == "")
	if err != nil {
		return err
	}
	if p.strict {
		if err := p.examined(c.drift.NotExamined); err != nil {
			return err
		}
	}
	switch o.fix {
	case "adopt":
		return p.adopt(ctx, live, c)
	case "revert":
		return p.revert(c)
	}
	if err := p.report(c.drift, o); err != nil {
		return err
	}
	if c.drift.At(report.Severity(o.failOn)) {
		return verdict{code: exitDiffers}
	}
	return nil
}

// report writes the report where it was asked for.
func (p *project) report(d *report.Drift, o driftOptions) error {
	var text strings.Builder
	var err error
	format := report.FindFormat(o.format)
	if o.format == "text" {
		err = d.Text(&text, o.output == "" && !o.noColour && p.colours())
	} else {
		err = format.Write(d, &text)
	}
	for _, l := range format.Left(d) {
		p.say("%s", l)
	}
	switch {
	case err != nil:
		return err
	case o.output != "":
		return writeWhole(o.output, []byte(text.String()))
	}
	return p.print(text.String())
}

// drift compares a live database, or its snapshot, with its history, in detail
// where that is wanted.
func (p *project) drift(ctx context.Context, live desired.State, detail bool) (*comparison, error) {
	b, err := p.builder(ctx, live)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return p.driftOn(ctx, b, live, detail)
}

func (p *project) driftOn(ctx context.Context, b *desired.Builder, live desired.State, detail bool) (*comparison, error) {
	taken, err := b.Take(ctx, live)
	if err != nil {
		return nil, err
	}
	t, err := newBench(p, b)
	if err != nil {
		return nil, err
	}
	c, err := t.compare(ctx, live, taken)
	if err == nil && detail {
		err = t.detail(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	return c, p.accept(c.drift)
}

// adopt writes the migration that leads to the database as it is.
func (p *project) adopt(ctx context.Context, live desired.State, c *comparison) error {
	if len(c.pending) > 0 {
		return verdict{exitRefused, fmt.Sprintf("refused, nothing was written: %s is pending there, so the migration would undo it; run plumb apply first", c.pending[0])}
	}
	p.keep(c, c.old, c.now)
	return generateTo(ctx, p, live, generateOptions{accepted: c.accepted()})
}

// revert prints what puts the database back, but for what is accepted there.
func (p *project) revert(c *comparison) error {
	plan, err := diff.MakePlan(c.now, p.keep(c, c.now, c.old), p.kinds())
	if err != nil {
		return err
	}
	return p.print(report.SQL(plan))
}

// keep is the state to reach from one side of a comparison to the other, where
// what is accepted stays. It tells of findings that stay with it.
func (p *project) keep(c *comparison, from, to *schema.Snapshot) *schema.Snapshot {
	want := diff.Keep(from, to, p.kinds(), c.accepted())
	for _, f := range c.drift.Findings {
		id := schema.ID{Kind: f.Kind, Name: f.Name}
		if want.Objects[id] != to.Objects[id] {
			p.say("left as it is with what %s accepts: %s", report.AcceptFile, report.OneLine(f.Object()))
		}
	}
	return want
}

// colours reports whether the result goes to somebody who sees colours.
func (p *project) colours() bool {
	f, ok := p.stdout.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
