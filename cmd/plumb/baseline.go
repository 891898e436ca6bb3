package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/apply"
	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
)

type baselineOptions struct {
	url           string
	dryRun, noLog bool
}

func newBaseline(p *project) *cobra.Command {
	var o baselineOptions
	cmd := &cobra.Command{
		Use:   "baseline URL",
		Short: "Write the first migration for a database that has none",
		Long: `Write the migration that makes a database as it is: each table with its indexes,
policies and comments. That replaying it gives the same schema is proved before it is
written. Then it is noted as applied in the database's migrations_log, which is all
that is written there; --no-log leaves even that.`,
		Example: `  plumb baseline "$DATABASE_URL"
  plumb baseline env://production --no-log
  plumb baseline "$DATABASE_URL" --dry-run`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.url = strings.Join(args, "")
			return runBaseline(cmd.Context(), p, o)
		},
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "print the file instead of writing it")
	cmd.Flags().BoolVar(&o.noLog, "no-log", false, "leave the database untouched")
	return cmd
}

func runBaseline(ctx context.Context, p *project, o baselineOptions) error {
	live, err := p.live(o.url)
	if err != nil {
		return err
	}
	made, err := p.emptyHistory()
	if err != nil {
		return err
	}
	name, err := p.writeBaseline(ctx, live, o)
	if err != nil || name == "" {
		if made {
			_ = os.Remove(p.folder()) // it was made for the file that is not written
		}
		return err
	}
	if err := p.print(filepath.Join(p.folder(), filepath.FromSlash(name)) + "\n"); err != nil || o.noLog || live.Source != desired.FromDatabase {
		return err
	}
	return p.mark(ctx, live, name)
}

// emptyHistory looks that there are no migrations yet, and makes the folder if
// it is missing.
func (p *project) emptyHistory() (made bool, err error) {
	h, err := history.Open(p.folder(), p.layout())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, os.MkdirAll(p.folder(), 0o755)
	case err != nil:
		return false, err
	case len(h.Migrations) > 0:
		return false, verdict{exitRefused, fmt.Sprintf("refused, nothing was written: %s has %d migrations; a baseline is the first, and plumb generate writes the next", p.folder(), len(h.Migrations))}
	}
	return false, nil
}

// writeBaseline writes the file and returns its name, "" if nothing was written.
func (p *project) writeBaseline(ctx context.Context, live desired.State, o baselineOptions) (string, error) {
	b, err := p.builder(ctx, live)
	if err != nil {
		return "", err
	}
	defer b.Close()
	g := generation{p: p, b: b, o: generateOptions{name: "baseline", dryRun: o.dryRun}}
	if err := g.plan(ctx, p.history(), live); err != nil {
		return "", err
	}
	if g.steps.Empty() {
		p.say("nothing to write: %s holds nothing", live.Name)
		return "", nil
	}
	g.steps = g.subjects.Together(g.steps)
	g.purpose = fmt.Sprintf("The schema as it was found on %s.", time.Now().UTC().Format(time.DateOnly))
	name, text, err := g.write(ctx)
	if err == nil && o.dryRun {
		return "", p.print(text)
	}
	return name, err
}

// mark notes a file as applied.
func (p *project) mark(ctx context.Context, live desired.State, name string) error {
	h, err := history.Open(p.folder(), p.layout())
	if err != nil {
		return err
	}
	a, err := apply.Open(ctx, apply.Config{Database: live, Schema: p.set.RevisionsSchema, LockWait: time.Minute, Log: func(text string) { p.say("%s", text) }})
	if err != nil {
		return fmt.Errorf("%w; the file was written, and is not noted there: plumb apply --baseline %s does that", err, name)
	}
	defer a.Close()
	if err := a.Mark(ctx, h.Migrations); err != nil {
		return fmt.Errorf("%w; the file was written, and is not noted there: plumb apply --baseline %s does that", err, name)
	}
	p.say("%s is noted as applied in %s", name, live.Name)
	return nil
}
