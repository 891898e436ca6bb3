package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/report"
)

type rebaseOptions struct {
	files  []string
	base   string
	dryRun bool
}

func newRebase(p *project) *cobra.Command {
	var o rebaseOptions
	cmd := &cobra.Command{
		Use:   "rebase [FILE...]",
		Short: "Put a branch's migrations after those that another branch brought",
		Long: `Put the migrations of a branch after those that another branch brought, as when
two branches took one number and were merged. The branch's files are those that
are named, or that --base has not, or else that atlas.sum does not record. They
get the next numbers. A file that is just what plumb generate wrote is planned
again from the merged history: what the branch changed is brought upon what the
other one made. Any other file is kept word for word, but for the line at its
top that says its path. Everything is proved on a throw-away server before the
folder is touched. Where both branches want different things of one object,
nothing is written (exit 3).`,
		Example: `  plumb rebase
  plumb rebase --base origin/main
  plumb rebase v1/008_add_guest_reviews.sql --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.files = args
			return runRebase(cmd.Context(), p, o)
		},
	}
	cmd.Flags().StringVar(&o.base, "base", "", "git `REF` of the other branch: what it has not is the branch's own")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "prove it and say what would be done, but write nothing")
	return cmd
}

func runRebase(ctx context.Context, p *project, o rebaseOptions) error {
	m, err := history.OpenMerged(p.folder(), p.layout())
	if err != nil {
		return err
	}
	later, err := o.later(ctx, p, m)
	if err != nil {
		return err
	}
	if len(later) == 0 {
		p.say("nothing to rebase: no file of %s is the branch's own", p.folder())
		return nil
	}
	compared, err := m.Verify(later, o.sum(ctx, p))
	if err != nil {
		return fmt.Errorf("%w\nif that is meant, plumb hash records the files as they are now", err)
	}
	p.set.Phases, p.set.Numbering = m.Layout().Phases, string(m.Layout().Numbering)
	r, err := newRebasing(ctx, p, m, later)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.run(ctx); err != nil {
		return err
	}
	if o.dryRun {
		p.say("nothing was written")
		return p.print(r.told.String())
	}
	if !compared {
		p.say("atlas.sum is written anew; as it was, it could not say whether the other branch's files are those that were reviewed")
	}
	if err := m.Write(r.moves); err != nil {
		return err
	}
	return p.print(r.told.String())
}

// later lists the files of the branch, in their order.
func (o rebaseOptions) later(ctx context.Context, p *project, m *history.Merged) ([]*history.File, error) {
	switch {
	case len(o.files) > 0 && o.base != "":
		return nil, errors.New("cannot rebase both the files that are named and those that --base has not; say one of the two")
	case o.base != "":
		return notIn(ctx, p.folder(), o.base, m)
	case len(o.files) > 0:
		return chosen(p, o.files, m)
	}
	files, err := m.Unrecorded()
	if err != nil {
		return nil, fmt.Errorf("cannot tell which files are the branch's: %w\nname them, as in plumb rebase v1/008_add_guest_reviews.sql, or the branch that they are to come after, as in --base origin/main", err)
	}
	for _, f := range files {
		p.say("%s is not recorded in atlas.sum, so it is to come after what is", report.OneLine(f.Path))
	}
	return files, nil
}

// chosen lists the files that were named, by path or by a last part of it.
func chosen(p *project, names []string, m *history.Merged) ([]*history.File, error) {
	var found []*history.File
	for _, name := range names {
		name = filepath.ToSlash(filepath.Clean(name))
		f, err := m.Find(strings.TrimPrefix(name, filepath.ToSlash(filepath.Clean(p.folder()))+"/"))
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return slices.DeleteFunc(m.Files(), func(f *history.File) bool { return !slices.Contains(found, f) }), nil
}

// notIn lists the files that a commit has not.
func notIn(ctx context.Context, dir, ref string, m *history.Merged) ([]*history.File, error) {
	var stderr bytes.Buffer
	git := exec.CommandContext(ctx, "git", "ls-tree", "-r", "-z", "--name-only", "--end-of-options", ref, ".")
	git.Dir, git.Stderr = dir, &stderr
	out, err := git.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot list the migrations of %s: git ls-tree: %w: %s; name the files to rebase instead", report.OneLine(ref), err, report.OneLine(strings.TrimSpace(stderr.String())))
	}
	there := strings.Split(string(out), "\x00")
	return slices.DeleteFunc(m.Files(), func(f *history.File) bool { return slices.Contains(there, f.Path) }), nil
}

// sum is atlas.sum as the other branch has it; nil where that is not known.
func (o rebaseOptions) sum(ctx context.Context, p *project) []byte {
	if o.base == "" {
		return nil
	}
	git := exec.CommandContext(ctx, "git", "show", "--end-of-options", o.base+":./atlas.sum")
	git.Dir = p.folder()
	out, err := git.Output()
	if err != nil {
		return nil // it has none: the folder's own is looked at
	}
	return out
}
