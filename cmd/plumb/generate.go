package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"time"

	"ariga.io/atlas/sql/migrate"
	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

type generateOptions struct {
	name, to, phase string
	dryRun, check   bool
	allowDrop       []string
	renames         []string
	accepted        []schema.ID // what differs and is left alone
}

func newGenerate(p *project) *cobra.Command {
	var o generateOptions
	cmd := &cobra.Command{
		Use:   "generate [name] --to STATE",
		Short: "Write the next migration",
		Long: `Write the migration that takes the replayed history to another state, after
having proved it: it was run on a copy, nothing was left to change, and no row
was lost. A migration that loses rows is refused (exit 3) unless you say for
each object that it may: --allow-drop public.users.nick, or a line
"-- plumb:allow-drop public.users.nick" in the SQL file that --to names.`,
		Example: `  plumb generate add_guest_reviews --to "$DATABASE_URL"
  plumb generate --to schema.sql --dry-run
  plumb generate drop_nicknames --to schema.sql --allow-drop public.users.nick
  plumb generate --env local --check`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.name = args[0]
			}
			return runGenerate(cmd.Context(), p, o)
		},
	}
	cmd.Flags().StringVar(&o.to, "to", "", "the `STATE` to reach; in an env of atlas.hcl its src or url")
	cmd.Flags().StringVar(&o.phase, "phase", "", "the folder to write into (default the latest that has migrations)")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "print the file instead of writing it")
	cmd.Flags().BoolVar(&o.check, "check", false, "write nothing; exit with 2 if there is something to generate")
	cmd.Flags().StringArrayVar(&o.allowDrop, "allow-drop", nil, "`OBJECT` whose rows may be lost, such as public.users.nick; may be repeated")
	cmd.Flags().StringArrayVar(&o.renames, "rename", nil, renameUsage)
	return cmd
}

func runGenerate(ctx context.Context, p *project, o generateOptions) error {
	to, err := p.target(o.to)
	if err != nil {
		return err
	}
	return generateTo(ctx, p, to, o)
}

// generateTo writes the migration that leads from the history to a state.
func generateTo(ctx context.Context, p *project, to desired.State, o generateOptions) error {
	b, err := p.builder(ctx, to)
	if err != nil {
		return err
	}
	defer b.Close()
	g := generation{p: p, b: b, o: o}
	if err := g.plan(ctx, p.history(), to); err != nil {
		return err
	}
	switch {
	case g.steps.Empty():
		p.say("nothing to generate: %s already leads to %s", p.folder(), to.Name)
		return nil
	case o.check:
		p.say("%s does not lead to %s yet: %s", p.folder(), to.Name, g.subjects.Summary(g.steps))
		return verdict{code: exitDiffers}
	}
	if err := g.refuse(to); err != nil {
		return err
	}
	name, text, err := g.write(ctx)
	switch {
	case err != nil:
		return err
	case o.dryRun:
		return p.print(text)
	}
	return p.print(filepath.Join(p.folder(), filepath.FromSlash(name)) + "\n")
}

// A generation is one migration on its way from a plan to a file.
type generation struct {
	p *project
	b *desired.Builder
	o generateOptions

	purpose  string // of the file; "" for a summary of the changes
	from     *desired.Built
	claim    desired.Claim
	steps    *diff.Plan
	subjects report.Subjects
}

// plan builds both states and plans the way between them. The history is built
// last, since the proof needs its database.
func (g *generation) plan(ctx context.Context, from, to desired.State) error {
	now, err := g.b.Build(ctx, to)
	if err != nil {
		return err
	}
	if g.from, err = g.b.Build(ctx, from); err != nil {
		return err
	}
	if err := g.p.trusted(g.from.History); err != nil {
		return err
	}
	outside := g.b.Outside(g.from, now)
	if g.from, now, err = g.b.AlignTo(ctx, g.from, now); err != nil {
		return err
	}
	old, want := outside.Remove(g.from.Snapshot), outside.Remove(now.Snapshot)
	if want, err = g.p.leave(old, want, g.o.renames); err != nil {
		return err
	}
	want = diff.Keep(old, want, g.p.kinds(), g.o.accepted)
	g.subjects = report.Subjects{From: old, To: want}
	g.claim = desired.Claim{From: g.from, Want: want, Outside: outside}
	g.steps, err = g.p.makePlan(old, want, g.o.renames)
	return err
}

// trusted refuses a history that is not the one which was reviewed.
func (p *project) trusted(h *history.History) error {
	err := h.Verify()
	var sum *history.SumError
	switch {
	case err == nil, errors.Is(err, migrate.ErrChecksumNotFound):
		return nil
	case errors.As(err, &sum) && onlyAdded(sum):
		return nil
	}
	return fmt.Errorf("%w\nif that is meant, plumb hash records the files as they are now", err)
}

func onlyAdded(sum *history.SumError) bool {
	return len(sum.Unknown) == 0 && !slices.ContainsFunc(sum.Edits, func(e history.Edit) bool { return e.What != history.Added })
}

// write proves the migration, then writes it unless that is not wanted. It
// returns the name within the history's folder, and the text.
func (g *generation) write(ctx context.Context) (name, text string, err error) {
	h := g.from.History
	title := g.o.name
	if title == "" {
		title = g.subjects.Title(g.steps)
	}
	if name, err = h.NextPath(g.o.phase, title, time.Now().UTC()); err != nil {
		return "", "", err
	}
	text = report.Migration{
		Path:       path.Join(filepath.Base(g.p.folder()), name),
		Purpose:    g.purpose,
		References: references(h, g.subjects.Names(g.steps)),
		Plan:       g.steps,
		Subjects:   g.subjects,
	}.Text()
	if err := g.prove(ctx, name, text); err != nil {
		return name, text, err
	}
	g.sayBlanks(name)
	if g.o.dryRun {
		return name, text, nil
	}
	if err := h.WriteFile(name, []byte(text)); err != nil {
		return "", "", err
	}
	return name, text, h.WriteSum()
}

// sayBlanks names what a person has to fill in before the file is run.
func (g *generation) sayBlanks(name string) {
	for _, s := range g.steps.Steps {
		o, secret := g.claim.Want.Objects[s.ID], g.p.kinds().Find(s.ID.Kind).Secret
		if s.Action == diff.Create && o != nil && secret != nil && secret(o) {
			g.p.say("%s has secrets, which plumb does not know: %s says *** in their place; put them right by hand on each database where the file is run", report.OneLine(s.ID.String()), name)
		}
	}
}

// prove runs the file on a copy of the replayed history.
func (g *generation) prove(ctx context.Context, name, text string) error {
	script, err := desired.NewScript(name, text)
	if err != nil {
		return err
	}
	g.claim.Script, g.claim.Loses = script, g.steps.Lost(g.p.kinds())
	proof, err := g.b.Prove(ctx, g.claim)
	if err != nil {
		return errNotProved{name, err}
	}
	if proof.Stopped != nil {
		g.p.say("rows that may exist can stop this migration; see to them first: %s", proof.Stopped)
	}
	g.p.say("proved on a copy of the replayed history; %d of %d tables had rows, and kept them", proof.Seeded, proof.Tables)
	return nil
}

// errNotProved says that a migration was not written, and why.
type errNotProved struct {
	name string
	err  error
}

func (e errNotProved) Error() string {
	return "cannot prove " + e.name + ", so it was not written: " + e.err.Error()
}

func (e errNotProved) Unwrap() error { return e.err }
