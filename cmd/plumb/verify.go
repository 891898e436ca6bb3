package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/report"
)

func newVerify(p *project) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify [FILE | DIR | STATE]",
		Short: "Prove that plumb sees all that a state holds",
		Long: `Prove that plumb sees all that a state holds: replay it, rebuild it in an empty
database from plumb's own SQL (plumb inspect), and compare the two databases, both
as plumb sees them and as pg_dump prints them, which shares no code with plumb.
A FILE of the history means the history up to it; nothing means all of it.

Exit codes: 0 the same, 2 a difference, 1 it could not be told.`,
		Example: `  plumb verify
  plumb verify schema.sql
  plumb verify env://staging`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVerify(cmd.Context(), p, append(args, "")[0])
		},
	}
	p.reachFlags(cmd.Flags())
	return cmd
}

func runVerify(ctx context.Context, p *project, arg string) error {
	state, err := p.verifiable(arg)
	if err != nil {
		return err
	}
	return p.built(ctx, state, func(b *desired.Builder, built *desired.Built) error {
		v, err := b.Verify(ctx, built)
		if err != nil {
			return fmt.Errorf("cannot verify %s: %w", state.Name, err)
		}
		if err := p.print(verification(state.Name, built, v, p)); err != nil {
			return err
		}
		if !v.Same() {
			return verdict{code: exitDiffers}
		}
		return nil
	})
}

// verifiable is the state to be verified. A file of the history means the
// history up to it.
func (p *project) verifiable(arg string) (desired.State, error) {
	if arg == "" {
		return p.history(), nil
	}
	s, err := p.state(arg)
	if err != nil {
		return s, err
	}
	if s.Source != desired.FromHistory && s.Source != desired.FromSQL {
		return s, fmt.Errorf("cannot verify %s: only what is replayed can be; name a folder of migrations or files of SQL", s.Name)
	}
	if rel, err := filepath.Rel(p.folder(), s.Path); err == nil && filepath.IsLocal(rel) && rel != "." && history.IsHistory(os.DirFS(p.folder())) {
		whole := p.history()
		whole.Name, whole.UpTo = s.Name, filepath.ToSlash(rel)
		return whole, nil
	}
	return s, nil
}

// verification says what came of it.
func verification(name string, built *desired.Built, v *desired.Verification, p *project) string {
	var out strings.Builder
	word := "THE SAME"
	if !v.Same() {
		word = "NOT THE SAME"
	}
	fmt.Fprintf(&out, "%s (PostgreSQL %d, %d objects)  %s when rebuilt from plumb's own SQL\n",
		report.OneLine(name), built.Snapshot.Major(), len(built.Snapshot.Objects), word)
	for _, f := range report.Findings(v.Left, p.kinds()) {
		fmt.Fprintf(&out, "  plumb: %s %s %s\n", f.What, f.Kind, report.OneLine(f.Name))
	}
	for _, l := range v.Missing {
		fmt.Fprintf(&out, "  %s: only in the replayed database: %s\n", v.Dump, report.OneLine(l))
	}
	for _, l := range v.Extra {
		fmt.Fprintf(&out, "  %s: only in the rebuilt database: %s\n", v.Dump, report.OneLine(l))
	}
	if v.Unrestored != nil {
		fmt.Fprintf(&out, "  %s: some of its lines may differ in words only, which its own dump would tell: %s\n", v.Dump, report.OneLine(v.Unrestored.Error()))
	}
	if v.Dump != "" {
		fmt.Fprintf(&out, "witnesses: plumb, %s\n", v.Dump)
	} else {
		fmt.Fprintf(&out, "witnesses: plumb alone; there is no pg_dump of PostgreSQL %d or later here to be asked as well\n", built.Snapshot.Major())
	}
	return out.String()
}
