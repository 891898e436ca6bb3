package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2"
)

// A reader turns the evaluated file into a Config, and collects what is wrong
// in it and what plumb does not honour.
type reader struct {
	path    string
	errs    []error
	ignored []string

	missing []string          // variables without a value
	unknown map[hcl.Pos]needs // what the attribute there needs and cannot have
	lost    map[string]error  // envs of which it is not known how many they are
}

// attributes says what is done with the attributes that a block may have, and
// blocks with the blocks in it.
type (
	attributes map[string]func(*schemahcl.Attr)
	blocks     map[string]func(*schemahcl.Resource)
)

// with is both together.
func (a attributes) with(b attributes) attributes {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// block reads a block. Of an attribute whose value is not known unknown is told.
func (r *reader) block(b *schemahcl.Resource, where string, known attributes, inside blocks, unknown func(error)) {
	for _, a := range b.Attrs {
		read, ok := known[a.K]
		switch {
		case a.K == eachKey || a.K == eachValue:
		case !ok:
			r.ignore(a, where+a.K, near(a.K, slices.Collect(maps.Keys(known))))
		case a.V.IsWhollyKnown():
			read(a)
		case a.Range() != nil && r.unknown[a.Range().Start] == variable:
			unknown(r.noValue(line(a), a.K))
		default:
			r.ignore(a, where+a.K, "; it needs data that plumb does not ask for")
		}
	}
	for _, c := range b.Children {
		if read, ok := inside[c.Type]; ok {
			read(c)
		} else {
			r.ignoreBlock(c, where+c.Type, near(c.Type, slices.Collect(maps.Keys(inside))))
		}
	}
}

func (r *reader) noValue(line int, name string) error {
	return fmt.Errorf("%s:%d: %s needs a variable that has no value%s", r.path, line, name, r.giveMissing())
}

// ignore lists an attribute that plumb does not honour.
func (r *reader) ignore(a *schemahcl.Attr, name, remark string) {
	r.ignored = append(r.ignored, fmt.Sprintf("%s (line %d%s)", name, line(a), remark))
}

// ignoreBlock lists all that is in a block that plumb does not honour.
func (r *reader) ignoreBlock(b *schemahcl.Resource, name, remark string) {
	if b.Name != "" {
		name += " " + b.Name
	}
	if remark != "" || len(b.Attrs)+len(b.Children) == 0 {
		at := 0
		if rng := b.Range(); rng != nil {
			at = rng.Start.Line
		}
		r.ignored = append(r.ignored, fmt.Sprintf("%s (line %d%s)", name, at, remark))
		return
	}
	for _, a := range b.Attrs {
		r.ignore(a, name+"."+a.K, "")
	}
	for _, c := range b.Children {
		r.ignoreBlock(c, name+"."+c.Type, "")
	}
}

func (r *reader) config(doc *schemahcl.Resource) *Config {
	c := &Config{}
	wrong := func(err error) { r.errs = append(r.errs, fmt.Errorf("cannot read %w", err)) }
	skip := func(*schemahcl.Resource) {}
	r.block(doc, "", r.settings(&c.Settings, ""), blocks{
		"env":       func(b *schemahcl.Resource) { c.Envs = append(c.Envs, r.env(b)) },
		"seed":      func(b *schemahcl.Resource) { c.Seeds = append(c.Seeds, r.seed(b, wrong)) },
		"migration": func(b *schemahcl.Resource) { r.migration(&c.Settings, b, "", wrong) },
		"diff":      func(b *schemahcl.Resource) { r.diff(&c.Settings, b, "", wrong) },
		"locals":    skip, // evaluated already
		"variable":  skip,
		"data":      skip, // listed already
	}, wrong)
	return c
}

func (r *reader) env(b *schemahcl.Resource) *Env {
	e := &Env{Name: b.Name}
	where := strings.TrimSpace("env "+b.Name) + "."
	unknown := func(err error) { e.unknown = append(e.unknown, err) }
	src := func(a *schemahcl.Attr) { e.Src = r.src(a, where) }
	r.block(b, where, r.settings(&e.Settings, where).with(attributes{
		"name": func(a *schemahcl.Attr) { e.Name = r.text(a) },
		"url":  func(a *schemahcl.Attr) { e.URL = r.text(a) },
		"src":  src,
	}), blocks{
		"migration": func(b *schemahcl.Resource) { r.migration(&e.Settings, b, where, unknown) },
		"diff":      func(b *schemahcl.Resource) { r.diff(&e.Settings, b, where, unknown) },
		"schema": func(b *schemahcl.Resource) {
			r.block(b, where+"schema.", attributes{"src": src}, nil, unknown)
		},
	}, unknown)
	nameEach(e, b)
	return e
}

func (r *reader) seed(b *schemahcl.Resource, unknown func(error)) Seed {
	s := Seed{Table: b.Name}
	r.block(b, "seed "+b.Name+".", attributes{
		"key":    func(a *schemahcl.Attr) { s.Key = r.texts(a) },
		"ignore": func(a *schemahcl.Attr) { s.Ignore = r.texts(a) },
	}, nil, unknown)
	return s
}

// src reads the desired state, which plumb takes from one file or folder.
func (r *reader) src(a *schemahcl.Attr, where string) string {
	all := r.texts(a)
	if len(all) != 1 {
		r.ignore(a, where+a.K, "; plumb takes one file or folder, and this lists several")
		return ""
	}
	return all[0]
}
