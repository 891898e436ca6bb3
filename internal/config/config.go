// Package config reads a project's atlas.hcl: the attributes of Atlas that mean
// something to plumb, and a few of plumb's own.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
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
	// Supabase is what Supabase's own project file says; nil without one.
	Supabase *Supabase

	path string
	lost map[string]error // envs that there would be if a variable had a value
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
	Include          []string // of what is in Schemas, only this
	Exclude          []string
	Profile          []string        // the platforms that the databases are on, such as supabase
	Skip             map[string]bool // changes that are left out of plans, as drop_table
	Concurrent       map[string]bool // whether to create and drop indexes without locking out writers
	Baseline         string          // the version that a database without a log is at
	RevisionsSchema  string          // where the log of applied migrations is kept
	ExecOrder        string          // linear, linear-skip or non-linear
	LockTimeout      time.Duration   // how long a statement waits for a lock
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
	// Group is the label of the block that makes several envs with for_each;
	// their names are the label and what tells them apart: tenant-acme.
	Group string
	URL   string
	Src   string // the desired state
	Settings

	unknown []error // values that cannot be had
}

// Env finds an environment by name, with the project's settings where it has
// none of its own.
func (c *Config) Env(name string) (*Env, error) {
	var known, group []string
	for _, e := range c.Envs {
		switch {
		case e.Name == name && len(e.unknown) > 0:
			return nil, fmt.Errorf("cannot use env %q: %w", name, errors.Join(e.unknown...))
		case e.Name == name:
			out := *e
			out.Settings = e.Settings.Or(c.Settings)
			return &out, nil
		case e.Group == name:
			group = append(group, e.Name)
		}
		known = append(known, e.Name)
	}
	if len(group) > 0 {
		return nil, fmt.Errorf("cannot tell which env is meant: %s stands for %s; name one of them", name, strings.Join(group, ", "))
	}
	for label, err := range c.lost {
		if name == label || strings.HasPrefix(name, label+"-") {
			return nil, fmt.Errorf("cannot use env %q: %w", name, err)
		}
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("cannot find env %q: %s has none", name, c.path)
	}
	return nil, fmt.Errorf("cannot find env %q in %s; it has %s", name, c.path, strings.Join(known, ", "))
}

// Project is what counts where no environment is named: what the file says at
// its top, and the folder of migrations on which all environments agree.
func (c *Config) Project() Settings {
	s := c.Settings
	if s.Dir != "" {
		return s
	}
	for _, e := range c.Envs {
		switch {
		case s.Dir == "":
			s.Dir = e.Dir
		case e.Dir != "" && e.Dir != s.Dir:
			s.Dir = ""
			return s
		}
	}
	return s
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
		Schemas: pick(s.Schemas, d.Schemas), Include: pick(s.Include, d.Include), Exclude: pick(s.Exclude, d.Exclude),
		Profile: pick(s.Profile, d.Profile), Skip: overlay(s.Skip, d.Skip), Concurrent: overlay(s.Concurrent, d.Concurrent),
		Baseline: cmp.Or(s.Baseline, d.Baseline), RevisionsSchema: cmp.Or(s.RevisionsSchema, d.RevisionsSchema),
		ExecOrder: cmp.Or(s.ExecOrder, d.ExecOrder), LockTimeout: cmp.Or(s.LockTimeout, d.LockTimeout),
	}
}

// overlay is d with what s says instead.
func overlay(s, d map[string]bool) map[string]bool {
	if len(s) == 0 {
		return d
	}
	out := maps.Clone(d)
	if out == nil {
		out = map[string]bool{}
	}
	maps.Copy(out, s)
	return out
}
