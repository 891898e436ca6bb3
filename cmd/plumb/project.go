package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/redact"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// A project is what all commands share: the flags that every one of them
// takes, what the project file says, and where output goes.
type project struct {
	stdout, stderr io.Writer
	redactor       redact.Redactor
	progress       *progress

	dir      string
	devURL   string
	devInit  []string
	pgBin    string
	download bool
	schemas  []string
	exclude  []string
	mismatch bool
}

func newProject(stdout, stderr io.Writer) *project {
	return &project{stdout: stdout, stderr: stderr, progress: newProgress(stderr)}
}

func (p *project) flags(f *pflag.FlagSet) {
	f.StringVar(&p.dir, "dir", "", "folder of the migrations (default migrations)")
	f.StringVar(&p.devURL, "dev-url", "", "PostgreSQL to work beside, instead of a throw-away server")
	f.StringArrayVar(&p.devInit, "dev-init", nil, "`FILE` of SQL that stands for what the platform provides; may be repeated")
	f.StringVar(&p.pgBin, "pg-bin", "", "folder that holds postgres and initdb")
	f.BoolVar(&p.download, "download-postgres", false, "download PostgreSQL where none is installed")
	f.StringArrayVarP(&p.schemas, "schema", "s", nil, "compare only this schema; may be repeated")
	f.StringArrayVar(&p.exclude, "exclude", nil, "leave out schema, schema.name or schema.*[type=table]; may be repeated")
	f.BoolVar(&p.mismatch, "allow-major-mismatch", false, "compare databases of different PostgreSQL majors all the same")
}

// say tells the person something that is not the result.
func (p *project) say(format string, args ...any) {
	p.progress.stop()
	fmt.Fprintln(p.stderr, "plumb: "+p.redactor.Text(fmt.Sprintf(format, args...)))
}

// print writes to the result.
func (p *project) print(text string) error {
	p.progress.stop()
	_, err := io.WriteString(p.stdout, p.redactor.Text(text))
	return err
}

// names resolves the names of states.
func (p *project) names() desired.Names {
	return desired.Names{Dir: p.folder(), Layout: p.layout()}
}

// target is the state that --to names.
func (p *project) target(arg string) (desired.State, error) {
	if arg == "" {
		return desired.State{}, errors.New("cannot tell which state is wanted; say it with --to: a database, a file of SQL, a snapshot")
	}
	return p.names().Parse(arg)
}

// folder is where the project's migrations are.
func (p *project) folder() string {
	if p.dir != "" {
		return p.dir
	}
	return "migrations"
}

func (p *project) layout() history.Layout { return history.Layout{} }

// builder returns a builder of states that takes after the live databases
// among them.
func (p *project) builder(ctx context.Context, states ...desired.State) (*desired.Builder, error) {
	b := desired.NewBuilder(desired.Config{
		Server:   devserver.Config{URL: p.devURL, BinDir: p.pgBin, Download: p.download},
		Kinds:    kinds.All,
		Layout:   p.layout(),
		Init:     p.devInit,
		Scope:    desired.Scope{Schemas: p.schemas, Exclude: p.exclude},
		Log:      func(text string) { p.say("%s", text) },
		Progress: p.progress.files,
	})
	for _, s := range states {
		p.redactor.Learn(s.URL)
	}
	if err := b.Like(ctx, states...); err != nil {
		return nil, err
	}
	return b, nil
}

// sides builds two states and takes from both what is not compared.
func (p *project) sides(ctx context.Context, b *desired.Builder, from, to desired.State) (*schema.Snapshot, *schema.Snapshot, error) {
	old, err := b.Build(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	now, err := b.Build(ctx, to)
	if err != nil {
		return nil, nil, err
	}
	if err := p.sameMajor(old, now); err != nil {
		return nil, nil, err
	}
	outside := b.Outside(old, now)
	return outside.Remove(old.Snapshot), outside.Remove(now.Snapshot), nil
}

// sameMajor refuses states that servers of different majors printed: they
// print the same view differently, which would look like a change.
func (p *project) sameMajor(a, b *desired.Built) error {
	from, to := a.Snapshot.Major(), b.Snapshot.Major()
	switch {
	case from == to || from == 0 || to == 0:
		return nil
	case p.mismatch:
		p.say("comparing PostgreSQL %d with %d: what only one of them knows is not compared, and views may look changed", from, to)
		return nil
	}
	return fmt.Errorf("cannot compare %s of PostgreSQL %d with %s of PostgreSQL %d: different majors print the same view differently; "+
		"install PostgreSQL %d for the throw-away server (or --download-postgres, --dev-url), or say --allow-major-mismatch",
		a.State.Name, from, b.State.Name, to, max(from, to))
}
