package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/apply"
	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/report"
)

type statusOptions struct {
	urls     []string
	format   string
	exitCode bool
}

func newStatus(p *project) *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status [--url URL]",
		Short: "Say which migrations a live database has seen",
		Long: `Say which migrations a database has seen: applied, pending, out of order, edited
since they were applied, halfway, and what is in its log but not in the folder.
Without --url and --env all environments of atlas.hcl that have a url are asked.
The databases are only read.

Exit codes: 0 told, 1 it could not be told; with --exit-code 2 where anything is
pending or odd.`,
		Example: "  plumb status\n  plumb status --env staging\n  plumb status --url \"$DATABASE_URL\" --format json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), p, o) },
	}
	cmd.Flags().StringArrayVarP(&o.urls, "url", "u", nil, "a database: postgres://… or env://NAME; may be repeated")
	formatFlag(cmd, &o.format, "text", "json")
	cmd.Flags().BoolVar(&o.exitCode, "exit-code", false, "exit with 2 if anything is pending or odd")
	return cmd
}

func runStatus(ctx context.Context, p *project, o statusOptions) error {
	if err := oneOf("--format", o.format, "text", "json"); err != nil {
		return err
	}
	targets, err := p.statusTargets(o.urls)
	if err != nil {
		return err
	}
	h, err := history.Open(p.folder(), p.layout())
	if err != nil {
		return err
	}
	all := statuses{}
	for _, t := range targets {
		s := databaseStatus{Name: t.Name}
		if s.Status, err = p.status(ctx, t, h); err != nil {
			s.Error = p.redactor.Text(err.Error())
		}
		all = append(all, s)
	}
	if err := p.print(all.in(o.format)); err != nil {
		return err
	}
	return all.verdict(o.exitCode)
}

// statusTargets lists the databases that are meant.
func (p *project) statusTargets(urls []string) ([]desired.State, error) {
	if len(urls) == 0 && p.env == nil {
		for _, e := range p.file.Envs {
			if e.URL != "" {
				urls = append(urls, "env://"+e.Name)
			}
		}
	}
	if len(urls) == 0 {
		urls = []string{""} // the env's, or $DATABASE_URL
	}
	var out []desired.State
	for _, u := range urls {
		t, err := p.live(u)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// status asks one database. Where it has no log of plumb's, another tool's
// serves.
func (p *project) status(ctx context.Context, live desired.State, h *history.History) (apply.Status, error) {
	s, err := apply.ReadStatus(ctx, live, p.set.RevisionsSchema, h)
	if err != nil || s.Log != "" {
		return s, err
	}
	b, err := p.builder(ctx, live)
	if err != nil {
		return s, err
	}
	defer b.Close()
	built, err := b.Build(ctx, live)
	if err != nil {
		return s, err
	}
	log, err := desired.ReadLog(ctx, live, built.Snapshot, h)
	if err != nil || log == nil {
		return s, err
	}
	return apply.StatusOf(h, log), nil
}

// databaseStatus is how one database stands.
type databaseStatus struct {
	apply.Status
	Name, Error string
}

type statuses []databaseStatus

func (all statuses) in(format string) string {
	if format == "json" {
		return all.json()
	}
	var out strings.Builder
	for i, s := range all {
		if i > 0 {
			out.WriteString("\n")
		}
		s.text(&out)
	}
	return out.String()
}

// text writes the status for people: what is applied in a line, the rest by file.
func (s databaseStatus) text(out *strings.Builder) {
	fmt.Fprintf(out, "%s\n", report.OneLine(s.Name))
	if s.Error != "" {
		fmt.Fprintf(out, "  cannot tell: %s\n", strings.ReplaceAll(s.Error, "\n", "\n    "))
		return
	}
	if s.Log == "" {
		fmt.Fprintln(out, "  keeps no log of migrations")
	} else {
		fmt.Fprintf(out, "  log          %s\n", report.OneLine(s.Log))
	}
	applied := s.Of(apply.IsApplied, apply.IsEdited)
	fmt.Fprintf(out, "  applied      %d of %d%s\n", len(applied), len(s.Files), last(applied))
	for _, f := range s.Files {
		if f.What != apply.IsApplied {
			fmt.Fprintf(out, "  %-12s %s%s\n", f.What, report.OneLine(f.File.Path), detail(f))
		}
	}
	for _, name := range s.Unknown {
		fmt.Fprintf(out, "  %-12s %s\n", "unknown", report.OneLine(name))
	}
}

func last(applied []apply.FileStatus) string {
	if len(applied) == 0 {
		return ""
	}
	f := applied[len(applied)-1]
	if f.Entry.Name == "" {
		return ", the last " + report.OneLine(f.File.Path)
	}
	return fmt.Sprintf(", the last %s on %s by %s", report.OneLine(f.File.Path), f.Entry.Began.UTC().Format("2006-01-02 15:04"), report.OneLine(f.Entry.By))
}

func detail(f apply.FileStatus) string {
	if f.What == apply.Halfway {
		return fmt.Sprintf("  %d of %d statements are done", f.Entry.Done, f.Entry.Statements)
	}
	return ""
}

func (all statuses) json() string {
	type file struct {
		Name       string     `json:"name"`
		Status     apply.What `json:"status"`
		AppliedAt  string     `json:"applied_at,omitempty"`
		AppliedBy  string     `json:"applied_by,omitempty"`
		Done       int        `json:"statements_done,omitempty"`
		Statements int        `json:"statements"`
	}
	type database struct {
		Name    string   `json:"database"`
		Error   string   `json:"error,omitempty"`
		Log     string   `json:"log,omitempty"`
		Files   []file   `json:"files"`
		Unknown []string `json:"unknown"`
	}
	out := []database{}
	for _, s := range all {
		d := database{s.Name, s.Error, s.Log, []file{}, append([]string{}, s.Unknown...)}
		for _, f := range s.Files {
			j := file{Name: f.File.Path, Status: f.What, AppliedBy: f.Entry.By, Done: f.Entry.Done, Statements: len(f.File.Statements)}
			if !f.Entry.Began.IsZero() {
				j.AppliedAt = f.Entry.Began.UTC().Format(time.RFC3339)
			}
			d.Files = append(d.Files, j)
		}
		out = append(out, d)
	}
	text, _ := json.MarshalIndent(out, "", "  ") // texts and numbers can always be written
	return string(text) + "\n"
}

func (all statuses) verdict(exitCode bool) error {
	clean := true
	for _, s := range all {
		if s.Error != "" {
			return verdict{code: exitError}
		}
		clean = clean && s.Clean()
	}
	if exitCode && !clean {
		return verdict{code: exitDiffers}
	}
	return nil
}
