package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/apply"
	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
)

type applyOptions struct {
	url, to, baseline, order                string
	dryRun, acceptEdited, acceptUnknown     bool
	lockTimeout, lockWait, statementTimeout time.Duration
}

func newApply(p *project) *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use:   "apply [--url URL]",
		Short: "Run the pending migrations on a live database",
		Long: `Run the migrations that a database has not seen, in order, and note them in its
table migrations_log. Each file is run in a transaction of its own, together with
its entry in the log, unless it says "-- atlas:txmode none" or begins transactions
itself: then each statement is counted, and a run that was stopped goes on where
it was. Only one plumb at a time applies files to a database.

What another tool's log says is taken over. A database that has objects and no log
is refused until you say where it stands: --baseline VERSION.

Exit codes: 0 done, 1 an error, 3 refused until a person decides.`,
		Example: `  plumb apply --url "$STAGING_URL"
  plumb apply --env production --dry-run
  plumb apply --env staging --to mvp.1
  plumb apply --url "$DATABASE_URL" --baseline 007`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runApply(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.url, "url", "u", "", "the database: postgres://… or env://NAME (default the env's url, then $DATABASE_URL)")
	f.StringVar(&o.to, "to", "", "run the files up to this `VERSION` only: a phase, a number or a file")
	f.StringVar(&o.baseline, "baseline", "", "take the files up to this `VERSION` for applied where the database has no log")
	f.StringVar(&o.order, "exec-order", "", "what becomes of files that are pending behind a later one: linear (refuse), linear-skip, non-linear")
	f.BoolVar(&o.dryRun, "dry-run", false, "print what would be run")
	f.BoolVar(&o.acceptEdited, "accept-edited", false, "take files that were edited since they were applied as they are now")
	f.BoolVar(&o.acceptUnknown, "accept-unknown", false, "go on though the log has files that the folder has not")
	f.DurationVar(&o.lockTimeout, "lock-timeout", 0, "how long a statement waits for a lock before it is tried again (default 3s)")
	f.DurationVar(&o.lockWait, "lock-wait", time.Minute, "how long another plumb at the same database is waited for")
	f.DurationVar(&o.statementTimeout, "statement-timeout", 0, "how long a statement may run (default without limit)")
	return cmd
}

func runApply(ctx context.Context, p *project, o applyOptions) error {
	live, err := p.live(o.url)
	if err != nil {
		return err
	}
	h, err := history.Open(p.folder(), p.layout())
	if err != nil {
		return err
	}
	if err := p.trusted(h); err != nil {
		return err
	}
	cfg := apply.Config{
		Database: live, Schema: p.set.RevisionsSchema, LockWait: o.lockWait, StatementTimeout: o.statementTimeout,
		LockTimeout: cmp.Or(o.lockTimeout, p.set.LockTimeout, 3*time.Second), Log: func(text string) { p.say("%s", text) },
	}
	r := &applyRun{p: p, o: o, h: h, live: live, order: apply.Order(cmp.Or(o.order, p.set.ExecOrder, string(apply.Linear)))}
	if err := oneOf("--exec-order", string(r.order), string(apply.Linear), string(apply.LinearSkip), string(apply.NonLinear)); err != nil {
		return err
	}
	if o.dryRun {
		return r.refused(r.preview(ctx, cfg))
	}
	a, err := apply.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	return r.refused(r.run(ctx, a))
}

// An applyRun is one run of plumb apply.
type applyRun struct {
	p     *project
	o     applyOptions
	h     *history.History
	live  desired.State
	order apply.Order
}

// refused gives a refusal its exit code, and an interruption its reason.
func (r *applyRun) refused(err error) error {
	var refusal *apply.Refusal
	switch {
	case errors.As(err, &refusal):
		return verdict{exitRefused, refusal.Error()}
	case err != nil && errors.Is(err, context.Canceled):
		return verdict{exitError, "stopped: " + err.Error() + "; plumb status says how far it came, and plumb apply goes on from there"}
	}
	return err
}

func (r *applyRun) run(ctx context.Context, a *apply.Applier) error {
	status, err := a.Status(ctx, r.h)
	if err != nil {
		return err
	}
	if status.Log == "" {
		files, err := r.adopted(ctx)
		if err != nil {
			return err
		}
		if err := a.Mark(ctx, files); err != nil {
			return err
		}
		if status, err = a.Status(ctx, r.h); err != nil {
			return err
		}
	}
	if r.o.acceptEdited {
		if err := a.Mark(ctx, filesOf(status.Of(apply.IsEdited))); err != nil {
			return err
		}
		if status, err = a.Status(ctx, r.h); err != nil {
			return err
		}
	}
	todo, err := r.todo(status)
	if err != nil {
		return err
	}
	if len(todo) == 0 {
		r.p.say("nothing to apply: %s has all of %s", r.live.Name, r.p.folder())
		return nil
	}
	return a.Run(ctx, todo, func(e apply.Entry) {
		_ = r.p.print(fmt.Sprintf("applied %s  %d statements, %s\n", e.Name, e.Done, e.Took.Round(time.Millisecond)))
	})
}

// preview prints what a run would do. The database is only read.
func (r *applyRun) preview(ctx context.Context, cfg apply.Config) error {
	status, err := apply.ReadStatus(ctx, r.live, cfg.Schema, r.h)
	if err != nil {
		return err
	}
	if status.Log == "" {
		files, err := r.adopted(ctx)
		if err != nil {
			return err
		}
		status.Files = slices.DeleteFunc(status.Files, func(f apply.FileStatus) bool { return slices.Contains(files, f.File) })
	}
	todo, err := r.todo(status)
	if err != nil {
		return err
	}
	for _, f := range todo {
		if err := r.p.print(fmt.Sprintf("would apply %s  %d statements\n", f.File.Path, len(f.File.Statements)-f.Entry.Done)); err != nil {
			return err
		}
	}
	if len(todo) == 0 {
		r.p.say("nothing to apply: %s has all of %s", r.live.Name, r.p.folder())
	}
	return nil
}

// todo lists the files to run.
func (r *applyRun) todo(status apply.Status) ([]apply.FileStatus, error) {
	if r.o.acceptUnknown {
		status.Unknown = nil
	}
	todo, err := status.Todo(r.order)
	if err != nil || r.o.to == "" {
		return todo, err
	}
	upTo, err := r.h.UpTo(r.o.to)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(todo, func(f apply.FileStatus) bool { return !slices.Contains(upTo.Migrations, f.File) }), nil
}

// adopted lists the files that a database without a log of plumb's has seen:
// what another tool's log says, or what the person says.
func (r *applyRun) adopted(ctx context.Context) ([]*history.File, error) {
	if version := cmp.Or(r.o.baseline, r.p.set.Baseline); version != "" {
		h, err := r.h.UpTo(version)
		if err != nil {
			return nil, err
		}
		r.p.say("%d files up to %s are taken to be applied", len(h.Migrations), version)
		return h.Migrations, nil
	}
	b, err := r.p.builder(ctx, r.live)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	built, err := b.Build(ctx, r.live)
	if err != nil {
		return nil, err
	}
	log, err := desired.ReadLog(ctx, r.live, built.Snapshot, r.h)
	if err != nil {
		return nil, fmt.Errorf("%w; say where the database stands: --baseline VERSION", err)
	}
	if log != nil {
		files := slices.DeleteFunc(slices.Clone(r.h.Migrations), func(f *history.File) bool { return !log.Applied[f.Path] })
		r.p.say("%d files are taken over from %s", len(files), log.Table)
		return files, nil
	}
	return nil, r.refuseFilled(ctx, b, built)
}

// refuseFilled refuses a database that has objects, though nobody knows which
// files have made them.
func (r *applyRun) refuseFilled(ctx context.Context, b *desired.Builder, built *desired.Built) error {
	empty, err := b.Build(ctx, desired.State{Name: "empty", Source: desired.FromNothing})
	if err != nil {
		return err
	}
	outside := b.Outside(empty, built)
	if empty, built, err = b.Align(ctx, empty, built); err != nil {
		return err
	}
	extra := slices.DeleteFunc(diff.Compare(outside.Remove(empty.Snapshot), outside.Remove(built.Snapshot), r.p.kinds()),
		func(c diff.Change) bool { return c.Old != nil })
	if len(extra) == 0 {
		return nil
	}
	return verdict{exitRefused, fmt.Sprintf(`refused, nothing was run: %s has %d objects, such as %s, and no log of migrations
  if it has seen files of %s: plumb apply --baseline VERSION, with the last of them
  if nobody has migrations for it: plumb baseline writes the first`, r.live.Name, len(extra), extra[0].ID(), r.p.folder())}
}

func filesOf(all []apply.FileStatus) []*history.File {
	var out []*history.File
	for _, f := range all {
		out = append(out, f.File)
	}
	return out
}
