package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/internal/report"
)

type auditOptions struct {
	urls     []string
	jobs     int
	timeout  time.Duration
	format   string
	failOn   string
	noColour bool
}

func newAudit(p *project) *cobra.Command {
	var o auditOptions
	cmd := &cobra.Command{
		Use:   "audit [DATABASE…]",
		Short: "Report how one or many production databases differ from their migrations",
		Long: `Report how databases differ from what their migrations make, as drift does, for one
or for hundreds. Nothing can be changed: each session is read-only by the server's
own setting. A role that may CONNECT and nothing else is enough; what it was not
shown is said. Hot standbys and transaction poolers will do.

A DATABASE is postgres://…, env://NAME or the file of plumb snapshot; --env takes
patterns ('prod-*'), and --url - reads a list from stdin, one a line. Databases that
differ in the same way are reported once. One that cannot be reached stops nothing.

What .plumbignore accepts does not count.

Exit codes: 1 one could not be told, else 2 one has drifted, else 0.`,
		Example: `  plumb audit --env production
  plumb audit --env 'prod-*' --jobs 8
  plumb audit --url - < databases.txt
  plumb audit *.plumb --format json`,
		PersistentPreRunE: func(*cobra.Command, []string) error { return p.loadAny() },
		RunE: func(cmd *cobra.Command, args []string) error {
			o.urls = append(o.urls, args...)
			return runAudit(cmd.Context(), p, o, cmd.InOrStdin())
		},
	}
	cmd.Flags().StringArrayVarP(&o.urls, "url", "u", nil, "a `DATABASE`, or - for a list on stdin; may be repeated")
	cmd.Flags().IntVar(&o.jobs, "jobs", 4, "how many databases are read at a time")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 5*time.Minute, "how long the reading of one may take")
	formatFlag(cmd, &o.format, "text", "markdown", "json")
	cmd.Flags().StringVar(&o.failOn, "fail-on", string(report.Low), "the least severity that counts for the exit code: high, medium or low")
	cmd.Flags().BoolVar(&o.noColour, "no-color", false, "no colours, also on a terminal")
	p.reachFlags(cmd.Flags())
	return cmd
}

func runAudit(ctx context.Context, p *project, o auditOptions, stdin io.Reader) error {
	err := errors.Join(oneOf("--format", o.format, "text", "markdown", "json"),
		oneOf("--fail-on", o.failOn, string(report.High), string(report.Medium), string(report.Low)))
	if err != nil {
		return err
	}
	if o.timeout <= 0 {
		return fmt.Errorf("--timeout %s is too short; say how long the reading of one database may take, such as 5m", o.timeout)
	}
	if o.jobs < 1 {
		return fmt.Errorf("--jobs %d is too few; use 1 or more", o.jobs)
	}
	targets, err := p.targets(o.urls, stdin)
	if err != nil {
		return err
	}
	a := audit{timeout: o.timeout, benches: map[string]*bench{}, report: report.Audit{Expected: p.folder(), FailOn: report.Severity(o.failOn)}}
	defer a.close()
	a.run(ctx, targets, o.jobs)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var text strings.Builder
	switch o.format {
	case "json":
		err = a.report.JSON(&text)
	case "markdown":
		err = a.report.Markdown(&text)
	default:
		err = a.report.Text(&text, !o.noColour && p.colours())
	}
	if err == nil {
		err = p.print(text.String())
	}
	if err != nil {
		return err
	}
	if code := a.report.ExitCode(); code != exitOK {
		return verdict{code: code}
	}
	return nil
}

// An audit reads databases side by side and compares them one by one with what
// their history makes. Of each it keeps what was found, not what was read.
type audit struct {
	timeout time.Duration // of one reading
	mu      sync.Mutex
	benches map[string]*bench // by what decides how the history is replayed
	report  report.Audit
}

func (a *audit) close() {
	for _, t := range a.benches {
		_ = t.b.Close()
	}
}

// run audits all targets, so many at a time.
func (a *audit) run(ctx context.Context, targets []target, jobs int) {
	next := make(chan int)
	readings := make([]report.Reading, len(targets))
	var all sync.WaitGroup
	for range min(jobs, len(targets)) {
		all.Go(func() {
			for i := range next {
				readings[i] = a.read(ctx, targets[i])
			}
		})
	}
	for i := range targets {
		next <- i
	}
	close(next)
	all.Wait()
	for _, r := range readings { // in the order in which they were named
		a.report.Add(r)
	}
}

// read audits one database.
func (a *audit) read(ctx context.Context, t target) report.Reading {
	out := report.Reading{Database: t.state.Name}
	drift, by, err := a.drift(ctx, t)
	if err == nil && t.p.strict {
		err = t.p.examined(drift.NotExamined)
	}
	if err != nil {
		out.Problem = strings.Join(strings.Fields(t.p.redactor.Text(err.Error())), " ") // on one line
		return out
	}
	out.Drift, out.By = drift, by
	return out
}

// drift compares one database, and says by whom it was read.
func (a *audit) drift(ctx context.Context, t target) (*report.Drift, string, error) {
	if t.err != nil {
		return nil, "", t.err
	}
	b, err := t.p.builder(ctx)
	if err != nil {
		return nil, "", err
	}
	taken, err := a.take(ctx, b, t.state)
	if err != nil {
		return nil, "", err
	}
	bench, err := a.bench(t.p, b, taken)
	if err != nil {
		return nil, "", err
	}
	d, err := bench.drift(ctx, t.state, taken)
	return d, taken.Taken.String(), err
}

// take reads one database: one that answers no more must not stop the others.
func (a *audit) take(ctx context.Context, b *desired.Builder, s desired.State) (*desired.Saved, error) {
	soon, cancel := context.WithTimeoutCause(ctx, a.timeout, fmt.Errorf("it took longer than %s (--timeout)", a.timeout))
	defer cancel()
	taken, err := b.Take(soon, s)
	if err != nil && ctx.Err() == nil && soon.Err() != nil {
		return nil, fmt.Errorf("cannot read %s: %w", s.Name, context.Cause(soon))
	}
	return taken, err
}

// bench is where databases of a major and a locale are compared, by the
// settings of a project: the builder's, if there is none yet.
func (a *audit) bench(p *project, b *desired.Builder, taken *desired.Saved) (*bench, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := fmt.Sprintf("%+v %d %+v %v", p.set, taken.State.Major(), taken.Locale, taken.Taken.Profiles)
	if a.benches[key] == nil {
		if err := b.LikeTaken(taken); err != nil {
			return nil, err
		}
		t, err := newBench(p, b)
		if err != nil {
			return nil, err
		}
		a.benches[key] = t
	}
	return a.benches[key], nil
}
