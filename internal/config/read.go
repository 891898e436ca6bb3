package config

import (
	"fmt"
	"strings"
	"time"

	"ariga.io/atlas/schemahcl"
)

// A reader turns the evaluated file into a Config, and collects what is wrong
// in it and what it does not know.
type reader struct {
	path    string
	errs    []error
	ignored []string
}

func (r *reader) config(doc *schemahcl.Resource) *Config {
	c := &Config{}
	for _, a := range doc.Attrs {
		if !r.setting(&c.Settings, a) {
			r.ignore(a, a.K)
		}
	}
	for _, b := range doc.Children {
		switch b.Type {
		case "env":
			c.Envs = append(c.Envs, r.env(b))
		case "migration":
			r.migration(&c.Settings, b, "migration")
		case "seed":
			c.Seeds = append(c.Seeds, r.seed(b))
		case "variable", "locals", "data", "atlas":
		default:
			r.ignored = append(r.ignored, b.Type+r.at(b))
		}
	}
	return c
}

func (r *reader) seed(b *schemahcl.Resource) Seed {
	s := Seed{Table: b.Name}
	for _, a := range b.Attrs {
		switch a.K {
		case "key":
			s.Key = r.texts(a)
		case "ignore":
			s.Ignore = r.texts(a)
		default:
			r.ignore(a, "seed "+b.Name+"."+a.K)
		}
	}
	return s
}

func (r *reader) env(b *schemahcl.Resource) *Env {
	e := &Env{Name: b.Name}
	where := strings.TrimSpace("env " + b.Name)
	for _, a := range b.Attrs {
		switch a.K {
		case "name":
			e.Name = r.text(a)
		case "url":
			e.URL = r.text(a)
		case "src":
			e.Src = r.first(a)
		default:
			if !r.setting(&e.Settings, a) {
				r.ignore(a, where+"."+a.K)
			}
		}
	}
	for _, c := range b.Children {
		switch c.Type {
		case "migration":
			r.migration(&e.Settings, c, where+".migration")
		case "schema":
			for _, a := range c.Attrs {
				if a.K == "src" {
					e.Src = r.first(a)
				} else {
					r.ignore(a, where+".schema."+a.K)
				}
			}
		default:
			r.ignored = append(r.ignored, where+"."+c.Type+r.at(c))
		}
	}
	return e
}

func (r *reader) migration(s *Settings, b *schemahcl.Resource, where string) {
	for _, a := range b.Attrs {
		switch a.K {
		case "dir":
			s.Dir = strings.TrimPrefix(r.text(a), "file://")
			s.Dir, _, _ = strings.Cut(s.Dir, "?")
		case "baseline":
			s.Baseline = r.text(a)
		case "revisions_schema":
			s.RevisionsSchema = r.text(a)
		case "exec_order":
			s.ExecOrder = strings.ReplaceAll(strings.ToLower(r.oneOf(a, "linear", "linear-skip", "non-linear", "LINEAR", "LINEAR_SKIP", "NON_LINEAR")), "_", "-")
		case "lock_timeout":
			s.LockTimeout = r.duration(a)
		default:
			if !r.setting(s, a) {
				r.ignore(a, where+"."+a.K)
			}
		}
	}
}

// setting reads an attribute that may stand at several places.
func (r *reader) setting(s *Settings, a *schemahcl.Attr) bool {
	switch a.K {
	case "phases":
		s.Phases = r.texts(a)
	case "numbering":
		s.Numbering = r.oneOf(a, "sequence", "per_folder")
	case "dev_init":
		for _, f := range r.texts(a) {
			s.DevInit = append(s.DevInit, strings.TrimPrefix(f, "file://"))
		}
	case "download_postgres":
		v, err := a.Bool()
		if err != nil {
			r.wrong(a, "true or false")
		}
		s.DownloadPostgres = v
	case "dev":
		if dev := r.text(a); strings.HasPrefix(dev, "postgres") {
			s.Dev = dev
		} else if dev != "" {
			r.ignore(a, `dev (plumb has a throw-away server of its own)`)
		}
	case "schemas":
		s.Schemas = r.texts(a)
	case "exclude":
		s.Exclude = r.texts(a)
	default:
		return false
	}
	return true
}

func (r *reader) text(a *schemahcl.Attr) string {
	v, err := a.String()
	if err != nil {
		r.wrong(a, "a text")
	}
	return v
}

func (r *reader) duration(a *schemahcl.Attr) time.Duration {
	d, err := time.ParseDuration(r.text(a))
	if err != nil {
		r.wrong(a, `a length of time, such as "10s"`)
	}
	return d
}

// texts reads a list of texts, or one.
func (r *reader) texts(a *schemahcl.Attr) []string {
	if v, err := a.String(); err == nil {
		return []string{v}
	}
	v, err := a.Strings()
	if err != nil {
		r.wrong(a, "a list of texts")
	}
	return append([]string{}, v...)
}

func (r *reader) first(a *schemahcl.Attr) string {
	all := r.texts(a)
	if len(all) != 1 {
		r.wrong(a, "one text: a folder, a .sql file, or an address")
		return ""
	}
	return all[0]
}

func (r *reader) oneOf(a *schemahcl.Attr, known ...string) string {
	v, err := a.String()
	for _, k := range known {
		if err == nil && v == k {
			return v
		}
	}
	r.wrong(a, `"`+strings.Join(known, `" or "`)+`"`)
	return ""
}

func (r *reader) wrong(a *schemahcl.Attr, want string) {
	line := 0
	if rng := a.Range(); rng != nil {
		line = rng.Start.Line
	}
	r.errs = append(r.errs, fmt.Errorf("cannot read %s:%d: %s must be %s", r.path, line, a.K, want))
}

func (r *reader) ignore(a *schemahcl.Attr, name string) {
	at := ""
	if rng := a.Range(); rng != nil {
		at = fmt.Sprintf(" (line %d)", rng.Start.Line)
	}
	r.ignored = append(r.ignored, name+at)
}

func (r *reader) at(b *schemahcl.Resource) string {
	if rng := b.Range(); rng != nil {
		return fmt.Sprintf(" (line %d)", rng.Start.Line)
	}
	return ""
}
