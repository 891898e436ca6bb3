// Package config reads a project's atlas.hcl: the attributes of Atlas that mean
// something to plumb, and a few of plumb's own.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// File is the name that a project file has unless told otherwise.
const File = "atlas.hcl"

// A Config is what a project file says.
type Config struct {
	Settings // of the whole project
	Envs     []*Env
	Seeds    []Seed
	// Ignored lists what the file says and plumb does not know, with places.
	Ignored []string

	path string
}

// Settings may stand at the top of the file, or in an environment, where they
// count for it alone.
type Settings struct {
	Phases           []string // the folders of the history, in order
	Numbering        string   // sequence or per_folder
	DevInit          []string // SQL that stands for what the platform provides
	DownloadPostgres bool     // PostgreSQL may be downloaded where there is none
	Dir              string   // the folder of the migrations
	Dev              string   // a server to work beside
	Schemas          []string
	Exclude          []string
	Baseline         string        // the version that a database without a log is at
	RevisionsSchema  string        // where the log of applied migrations is kept
	ExecOrder        string        // linear, linear-skip or non-linear
	LockTimeout      time.Duration // how long a statement waits for a lock
}

// A Seed is a table whose rows belong to the schema, since migrations make them:
//
//	seed "public.roles" {
//	  key    = ["code"]       // what tells the rows apart; default the primary key
//	  ignore = ["last_used"]  // columns that are not compared
//	}
type Seed struct {
	Table       string
	Key, Ignore []string
}

// An Env is one place where the schema lives.
type Env struct {
	Name string
	URL  string
	Src  string // the desired state
	Settings
}

// Env finds an environment by name, with the project's settings where it has
// none of its own.
func (c *Config) Env(name string) (*Env, error) {
	var known []string
	for _, e := range c.Envs {
		if e.Name == name {
			out := *e
			out.Settings = e.Settings.Or(c.Settings)
			return &out, nil
		}
		known = append(known, e.Name)
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("cannot find env %q: %s has none", name, c.path)
	}
	return nil, fmt.Errorf("cannot find env %q in %s; it has %s", name, c.path, strings.Join(known, ", "))
}

// Or fills in what is not set.
func (s Settings) Or(d Settings) Settings {
	pick := func(a, b []string) []string {
		if a != nil {
			return a
		}
		return b
	}
	return Settings{
		Phases: pick(s.Phases, d.Phases), Numbering: cmp.Or(s.Numbering, d.Numbering), DevInit: pick(s.DevInit, d.DevInit),
		DownloadPostgres: s.DownloadPostgres || d.DownloadPostgres, Dir: cmp.Or(s.Dir, d.Dir), Dev: cmp.Or(s.Dev, d.Dev),
		Schemas: pick(s.Schemas, d.Schemas), Exclude: pick(s.Exclude, d.Exclude),
		Baseline: cmp.Or(s.Baseline, d.Baseline), RevisionsSchema: cmp.Or(s.RevisionsSchema, d.RevisionsSchema),
		ExecOrder: cmp.Or(s.ExecOrder, d.ExecOrder), LockTimeout: cmp.Or(s.LockTimeout, d.LockTimeout),
	}
}

// Read reads a project file. vars are the values of its variables, env the
// name that atlas.env stands for. Without a file, and if none was asked for,
// the Config is empty.
func Read(path string, vars map[string]string, env string) (*Config, error) {
	asked := path != ""
	if !asked {
		path = File
	}
	path = strings.TrimPrefix(path, "file://")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return &Config{path: path}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the project file: %w", err)
	}
	return Parse(path, data, vars, env)
}

// Parse reads the text of a project file.
func Parse(path string, data []byte, vars map[string]string, env string) (*Config, error) {
	parser := hclparse.NewParser()
	if _, diags := parser.ParseHCL(data, path); diags.HasErrors() {
		return nil, fmt.Errorf("cannot read %w", diags)
	}
	state := schemahcl.New(
		schemahcl.WithPos(),
		schemahcl.WithFunctions(map[string]function.Function{"getenv": getenv}),
		schemahcl.WithVariables(map[string]cty.Value{"atlas": cty.ObjectVal(map[string]cty.Value{"env": cty.StringVal(env)})}),
	)
	values := map[string]cty.Value{}
	for name, v := range vars {
		values[name] = cty.StringVal(v)
	}
	var doc struct{ schemahcl.DefaultExtension }
	if err := state.Eval(parser, &doc, values); err != nil {
		return nil, evalError(path, err)
	}
	r := &reader{path: path}
	c := r.config(&doc.Extra)
	c.path = path
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	slices.Sort(r.ignored)
	c.Ignored = slices.Compact(r.ignored)
	return c, nil
}

func evalError(path string, err error) error {
	var diags hcl.Diagnostics
	if errors.As(err, &diags) {
		return fmt.Errorf("cannot read %w", diags)
	}
	if strings.Contains(err.Error(), "missing value for required variable") {
		return fmt.Errorf("cannot read %s: %w; give it with --var NAME=VALUE", path, err)
	}
	return fmt.Errorf("cannot read %s: %w", path, err)
}

// getenv("NAME") is the value of an environment variable, "" if it is not set.
var getenv = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "name", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		return cty.StringVal(os.Getenv(args[0].AsString())), nil
	},
})
