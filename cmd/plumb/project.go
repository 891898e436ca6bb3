package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/config"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/redact"
)

// A project is what all commands share: the flags that every one of them
// takes, what the project file says, and where output goes.
type project struct {
	stdout, stderr io.Writer
	redactor       redact.Redactor
	progress       *progress
	said           *sync.Map // what sayOnce said

	path    string // of the project file
	envName string
	// envPattern may stand for several, where a command takes them.
	envPattern string
	vars       config.Vars
	given      config.Settings // by flags
	pgBin      string
	strict     bool // what was not examined is an error
	cluster    bool // what databases share is compared, too

	file *config.Config
	env  *config.Env     // nil for none
	set  config.Settings // by flags, else the env, else the file
}

func newProject(stdout, stderr io.Writer) *project {
	return &project{stdout: stdout, stderr: stderr, progress: newProgress(stderr), said: &sync.Map{}, vars: config.Vars{}}
}

func (p *project) flags(f *pflag.FlagSet) {
	f.StringVarP(&p.path, "config", "c", "", "the project `FILE` (default atlas.hcl, where there is one)")
	f.StringVar(&p.envName, "env", "", "`NAME` of an env in the project file")
	f.Var(p.vars, "var", "`NAME=VALUE` of a variable in the project file; may be repeated, also for one that is a list")
	f.StringVar(&p.given.Dir, "dir", "", "`FOLDER` of the migrations (default migrations)")
	f.StringVar(&p.given.Dev, "dev-url", "", "PostgreSQL to work beside, instead of a throw-away server")
	f.StringArrayVar(&p.given.DevInit, "dev-init", nil, "`FILE` of SQL that stands for what the platform provides; may be repeated")
	f.StringVar(&p.pgBin, "pg-bin", "", "`FOLDER` that holds postgres and initdb")
	f.BoolVar(&p.given.DownloadPostgres, "download-postgres", false, "download PostgreSQL where none is installed")
	f.StringArrayVarP(&p.given.Schemas, "schema", "s", nil, "compare only this schema; may be repeated")
	f.StringArrayVar(&p.given.Include, "include", nil, "compare only schema, schema.name or schema.*[type=table]; may be repeated")
	f.StringSliceVar(&p.given.Profile, "profile", nil, "`NAME` of the platform that databases are on: supabase, rds, cloudsql, none (default: what is found)")
	f.StringArrayVar(&p.given.Exclude, "exclude", nil, "leave out schema, schema.name or schema.*[type=table]; may be repeated")
}

// load reads the project file and settles what counts.
func (p *project) load() error {
	var err error
	if p.file, err = config.Read(p.path, p.vars, p.envName); err != nil {
		return err
	}
	for _, e := range p.file.Envs {
		p.redactor.Learn(e.URL)
	}
	if len(p.file.Ignored) > 0 {
		p.sayOnce("the project file says what plumb does not know: %s", strings.Join(p.file.Ignored, ", "))
	}
	if p.file.Supabase != nil && p.file.Supabase.String() != "" {
		p.sayOnce("from %s: %s", config.SupabaseFile, p.file.Supabase)
	}
	p.set = p.given.Or(p.file.Project())
	if p.envName != "" {
		err = p.use(p.envName)
	}
	p.redactor.Learn(p.set.Dev)
	if err != nil {
		return err
	}
	return p.scope().Check()
}

// use makes the settings of an env count.
func (p *project) use(name string) (err error) {
	if p.env, err = p.file.Env(name); err == nil {
		p.set = p.given.Or(p.env.Settings)
	}
	return err
}

// say tells the person something that is not the result.
func (p *project) say(format string, args ...any) {
	text := "plumb: " + p.redactor.Text(fmt.Sprintf(format, args...))
	p.progress.aside(func() { fmt.Fprintln(p.stderr, text) })
}

// sayOnce says what was not said before, whatever the env.
func (p *project) sayOnce(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if _, said := p.said.LoadOrStore(text, true); !said {
		p.say("%s", text)
	}
}

// print writes to the result.
func (p *project) print(text string) error {
	p.progress.stop()
	if _, err := io.WriteString(p.stdout, text); err != nil {
		return fmt.Errorf("cannot write the result: %w", err)
	}
	return nil
}

// names resolves the names of states.
func (p *project) names() desired.Names {
	return desired.Names{Dir: p.folder(), Layout: p.layout(), Env: p.envURL}
}

// envURL is the address of an env, whose settings count if no other env was named.
func (p *project) envURL(name string) (string, error) {
	e, err := p.file.Env(name)
	if err != nil {
		return "", err
	}
	if p.env == nil {
		if err := p.use(name); err != nil {
			return "", err
		}
	}
	if e.URL == "" {
		return "", fmt.Errorf("cannot connect to env %q: it has no url, or the variable that should hold it is empty", name)
	}
	return e.URL, nil
}

// state finds out what state is meant.
func (p *project) state(arg string) (desired.State, error) {
	s, err := p.names().Parse(arg)
	p.redactor.Learn(s.URL)
	return s, err
}

// target is the state that --to names, or the env.
func (p *project) target(arg string) (desired.State, error) {
	switch {
	case arg != "":
		return p.state(arg)
	case p.env != nil && p.env.Src != "":
		return p.state(p.env.Src)
	case p.env != nil && p.env.URL != "":
		return p.state("env://" + p.env.Name)
	case p.file.Supabase != nil && p.file.Supabase.Src != "":
		return p.state(p.file.Supabase.Src)
	}
	return desired.State{}, errors.New("cannot tell which state is wanted; say it with --to: a database, a file of SQL, a snapshot")
}

// live is the database that a command is about.
func (p *project) live(arg string) (desired.State, error) {
	s, err := p.liveOrSaved(arg)
	if err == nil && s.Source != desired.FromDatabase {
		err = fmt.Errorf("cannot connect to %s: it is no live database; name one with --url postgres://…", s.Name)
	}
	return s, err
}

// liveOrSaved is the database that a command is about, or the file that stands
// in for it where it is only read.
func (p *project) liveOrSaved(arg string) (desired.State, error) {
	switch {
	case arg != "":
	case p.env != nil:
		arg = "env://" + p.env.Name
	case os.Getenv("DATABASE_URL") != "":
		arg = os.Getenv("DATABASE_URL")
	default:
		return desired.State{}, errors.New("cannot tell which database is meant; name it with --url postgres://…, or --env, or set DATABASE_URL")
	}
	s, err := p.state(arg)
	if err == nil && s.Source != desired.FromDatabase && s.Source != desired.FromSnapshot {
		err = fmt.Errorf("cannot read %s: it is no live database, nor the snapshot of one; name one with --url postgres://…", s.Name)
	}
	return s, err
}

// folder is where the project's migrations are.
func (p *project) folder() string {
	if p.set.Dir != "" {
		return strings.TrimPrefix(p.set.Dir, "file://")
	}
	return "migrations"
}

// history is the state that the whole folder makes.
func (p *project) history() desired.State {
	return desired.State{Name: p.folder(), Source: desired.FromHistory, Path: p.folder()}
}

func (p *project) layout() history.Layout {
	return history.Layout{Phases: p.set.Phases, Numbering: history.Numbering(p.set.Numbering)}
}

func (p *project) scope() desired.Scope {
	return desired.Scope{Schemas: p.set.Schemas, Include: p.set.Include, Exclude: p.set.Exclude}
}

// profiles names the platforms that databases are on: those that were named, or
// whichever are found.
func (p *project) profiles() []string {
	if len(p.set.Profile) == 0 {
		return []string{desired.AutoProfile}
	}
	return p.set.Profile
}

// seeds are the tables whose rows are compared.
func (p *project) seeds() []catalog.Seed {
	var out []catalog.Seed
	for _, s := range p.file.Seeds {
		out = append(out, catalog.Seed(s))
	}
	return out
}

// major is that of the throw-away server where no state says which: Supabase's,
// if it is at hand.
func (p *project) major() int {
	if p.file.Supabase == nil || p.file.Supabase.Major == 0 || p.set.Dev != "" {
		return 0
	}
	major := p.file.Supabase.Major
	has := func(b devserver.Binaries) bool { return b.Major == major }
	if p.pgBin == "" && (p.set.DownloadPostgres || slices.ContainsFunc(devserver.Installed(), has)) {
		return major
	}
	p.sayOnce("PostgreSQL %d of %s is not installed; another major stands in where no database says which", major, config.SupabaseFile)
	return 0
}

// builder returns a builder of states that takes after the live databases
// among them.
func (p *project) builder(ctx context.Context, states ...desired.State) (*desired.Builder, error) {
	b := desired.NewBuilder(desired.Config{
		Server:   devserver.Config{URL: p.set.Dev, BinDir: p.pgBin, Download: p.set.DownloadPostgres},
		Major:    p.major(),
		Kinds:    p.kinds(),
		Layout:   p.layout(),
		Init:     p.set.DevInit,
		Scope:    p.scope(),
		Seeds:    p.seeds(),
		Profiles: p.profiles(),
		Log:      func(text string) { p.say("%s", text) },
		Progress: p.progress.files,
	})
	return b, b.Like(ctx, states...)
}
