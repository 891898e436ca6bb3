package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

// A rebasing takes the files of a branch one after the other from the history
// that they were written for to the merged one. Both are folders of their own
// until all is proved.
type rebasing struct {
	p        *project
	b        *desired.Builder
	moves    []history.Renaming
	was, now string // the folders
	told     strings.Builder

	merged *history.Merged
	meant  *desired.Built // the branch's history after the files so far; nil if it cannot be built
}

func newRebasing(ctx context.Context, p *project, m *history.Merged, later []*history.File) (*rebasing, error) {
	r := &rebasing{p: p, merged: m, moves: m.Renumber(later, time.Now().UTC())}
	temp, err := os.MkdirTemp("", "plumb-rebase-")
	if err != nil {
		return nil, err
	}
	r.was, r.now = filepath.Join(temp, "was"), filepath.Join(temp, "now")
	if r.b, err = p.builder(ctx); err == nil {
		err = m.Copy(r.was, slices.Concat(m.Before(later), later), nil)
	}
	if err == nil {
		err = m.Copy(r.now, m.Without(later), nil)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *rebasing) close() {
	if r.b != nil {
		if err := r.b.Close(); err != nil {
			r.p.say("%s", err)
		}
	}
	if err := os.RemoveAll(filepath.Dir(r.was)); err != nil {
		r.p.say("%s", err)
	}
}

// run rebases all the files. The last of them is followed by a replay of the
// whole merged history.
func (r *rebasing) run(ctx context.Context) (err error) {
	if r.meant, err = r.before(ctx, 0); err != nil {
		r.p.say("the branch's history cannot be built as it was before the merge, so its files are kept word for word: %s", err)
	}
	for i := range r.moves {
		if err := r.one(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// before builds the branch's history without its files from the i-th on.
func (r *rebasing) before(ctx context.Context, i int) (*desired.Built, error) {
	var skip []string
	for _, m := range r.moves[i:] {
		skip = append(skip, m.File.Path)
	}
	return r.b.Build(ctx, desired.State{Name: r.p.folder() + " of the branch", Source: desired.FromHistory, Path: r.was, Skip: skip})
}

// after builds the merged history with the files that are in it so far.
func (r *rebasing) after(ctx context.Context) (*desired.Built, error) {
	return r.b.Build(ctx, desired.State{Name: r.p.folder(), Source: desired.FromHistory, Path: r.now})
}

// one rebases the i-th file: plans it again if plumb wrote it, else keeps it.
func (r *rebasing) one(ctx context.Context, i int) error {
	move, old := &r.moves[i], r.meant
	if old != nil {
		var err error
		if r.meant, err = r.before(ctx, i+1); err != nil {
			r.p.say("%s is kept word for word, since it does not replay on the branch as it was before the merge: %s", report.OneLine(move.File.Path), err)
		}
	}
	theirs, err := r.after(ctx)
	if err != nil {
		return err
	}
	f := r.compare(old, theirs)
	how := "planned again and proved"
	if g := r.generated(f, move); g != nil {
		err = r.again(ctx, f, g, move)
	} else {
		how = "kept word for word and proved"
		r.keep(f, move)
	}
	if err == nil && move.Gone {
		how = "deleted, for the other branch has done all of it"
	} else if err == nil {
		err = r.prove(ctx, move)
	}
	fmt.Fprintf(&r.told, "%s: %s\n", r.named(move), how)
	return err
}

// keep keeps a file that a person wrote, but for the line that says its path.
// It has the last word, whatever the other branch did; that is told.
func (r *rebasing) keep(f *fork, move *history.Renaming) {
	move.Text = r.readdressed(move)
	if f == nil {
		return
	}
	if _, conflicts := diff.Merge(f.base, f.meant, f.theirs, r.p.kinds()); len(conflicts) > 0 {
		r.p.say("look at %s again: it is kept as it is, though the other branch wants different things:%s", report.OneLine(move.File.Path), list(conflicts))
	}
}

// named says a file's name, and its new one.
func (r *rebasing) named(m *history.Renaming) string {
	was, now := filepath.Join(r.p.folder(), filepath.FromSlash(m.File.Path)), filepath.Join(r.p.folder(), filepath.FromSlash(m.Path))
	if was == now || m.Gone {
		return report.OneLine(was)
	}
	return report.OneLine(was + " is now " + now)
}

// prove replays the merged history with the file.
func (r *rebasing) prove(ctx context.Context, move *history.Renaming) error {
	if err := r.merged.Copy(r.now, nil, []history.Renaming{*move}); err != nil {
		return err
	}
	_, err := r.after(ctx)
	var failed *desired.StatementError
	if errors.As(err, &failed) {
		return verdict{exitRefused, fmt.Sprintf("refused, nothing was written: %s does not replay after what the other branch brought:\n%s", report.OneLine(move.File.Path), err)}
	}
	return err
}

// A fork is what a branch makes of a state, and what the other branch does.
type fork struct {
	base, meant, theirs *schema.Snapshot // without what is outside
	from                *desired.Built   // theirs
	outside             desired.Outside
}

// compare puts the three states side by side, nil if one could not be built.
func (r *rebasing) compare(old, theirs *desired.Built) *fork {
	if old == nil || r.meant == nil {
		return nil
	}
	outside := r.b.Outside(theirs, r.meant)
	return &fork{outside.Remove(old.Snapshot), outside.Remove(r.meant.Snapshot), outside.Remove(theirs.Snapshot), theirs, outside}
}

// A generated file is one that says just what plumb generates.
type generated struct {
	purpose, references string
	plan                *diff.Plan
}

var purposeLine = regexp.MustCompile(`(?m)^-- Purpose: (.*)$`)

// generated plans a file of the branch as it was planned there. If that gives
// another text than the file's, somebody has written in it, and it is nil.
func (r *rebasing) generated(f *fork, move *history.Renaming) *generated {
	text := string(move.File.Bytes())
	purpose, references := purposeLine.FindStringSubmatch(text), referencesLine.FindStringSubmatch(text)
	if f == nil || purpose == nil || references == nil {
		return nil
	}
	plan, err := r.p.makePlan(f.base, f.meant, nil)
	if err != nil {
		return nil // no file can have been written so
	}
	g := &generated{purpose[1], references[1], plan}
	if withoutAddress(r.write(g, move.File.Path, report.Subjects{From: f.base, To: f.meant})) != withoutAddress(text) {
		return nil
	}
	if g.purpose == (report.Subjects{From: f.base, To: f.meant}).Summary(plan) {
		g.purpose = ""
	}
	return g
}

// withoutAddress is a migration without the line that says its path.
func withoutAddress(text string) string {
	_, rest, _ := strings.Cut(text, "\n")
	return rest
}

func (r *rebasing) write(g *generated, name string, subjects report.Subjects) string {
	return report.Migration{
		Path:       path.Join(filepath.Base(r.p.folder()), name),
		Purpose:    g.purpose,
		References: []string{g.references},
		Plan:       g.plan,
		Subjects:   subjects,
	}.Text()
}

// again plans a generated file from the merged history, and proves it.
func (r *rebasing) again(ctx context.Context, f *fork, g *generated, move *history.Renaming) error {
	want, conflicts := diff.Merge(f.base, f.meant, f.theirs, r.p.kinds())
	if len(conflicts) > 0 {
		return verdict{exitRefused, "refused, nothing was written: " + report.OneLine(move.File.Path) + " and the other branch want different things:" + list(conflicts) +
			"\nsettle it in the file by hand: once it is not as plumb wrote it, plumb rebase keeps it word for word"}
	}
	loses := g.plan.Loses()
	var err error
	if g.plan, err = r.p.makePlan(f.theirs, want, nil); err != nil {
		return err
	}
	if g.plan.Empty() {
		move.Gone = true
		return nil
	}
	for _, id := range g.plan.Loses() {
		if !slices.Contains(loses, id) {
			return verdict{exitRefused, fmt.Sprintf("refused, nothing was written: planned again, %s would lose the rows of %s, which it did not before; write it by hand", report.OneLine(move.File.Path), report.OneLine(id.String()))}
		}
	}
	move.Text = r.write(g, move.Path, report.Subjects{From: f.theirs, To: want})
	gen := generation{p: r.p, b: r.b, from: f.from, claim: desired.Claim{From: f.from, Want: want, Outside: f.outside}, steps: g.plan}
	return gen.prove(ctx, move.Path, move.Text)
}

// readdressed is a file that a person wrote. Only the line at its top that
// says its path is written anew, if it says the old one.
func (r *rebasing) readdressed(move *history.Renaming) string {
	text := string(move.File.Bytes())
	first, _, _ := strings.Cut(text, "\n")
	for _, folder := range []string{"", filepath.Base(r.p.folder())} {
		if first == "-- "+path.Join(folder, move.File.Path) {
			return "-- " + path.Join(folder, move.Path) + strings.TrimPrefix(text, first)
		}
	}
	return text
}

// list lists conflicts, one a line.
func list(conflicts []diff.Conflict) string {
	const shown = 10
	var out strings.Builder
	for i, c := range conflicts {
		if i == shown {
			fmt.Fprintf(&out, "\n  and %d more", len(conflicts)-shown)
			break
		}
		out.WriteString("\n  " + report.OneLine(c.String()))
	}
	return out.String()
}
