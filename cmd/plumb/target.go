package main

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/tvl-platform/plumb/desired"
)

// A target is a database to be audited, with the settings that count for it.
type target struct {
	p     *project
	state desired.State
	err   error // why it is none
}

// loadAny reads the project file before it is known which env counts: --env is
// a pattern for several.
func (p *project) loadAny() error {
	p.envPattern, p.envName = p.envName, ""
	return p.load()
}

// as is the project as it is for an env.
func (p *project) as(env string) (*project, error) {
	q := *p
	q.envName = env
	return &q, q.load()
}

// targets lists the databases that were named: by address, by the list on
// stdin, by the pattern of an env, or else by $DATABASE_URL.
func (p *project) targets(urls []string, stdin io.Reader) ([]target, error) {
	names, err := listed(urls, stdin)
	if err != nil {
		return nil, err
	}
	if p.envPattern != "" {
		envs, err := p.matching(p.envPattern)
		if err != nil {
			return nil, err
		}
		names = append(names, envs...)
	}
	if len(names) == 0 {
		state, err := p.liveOrSaved("")
		return []target{{p: p, state: state}}, err
	}
	var out []target
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] {
			out = append(out, p.targetOf(name))
		}
		seen[name] = true
	}
	return out, nil
}

// targetOf is the database that a name stands for.
func (p *project) targetOf(name string) target {
	p.redactor.Learn(name)
	t := target{p: p, state: desired.State{Name: p.redactor.Text(name)}}
	if env, ok := strings.CutPrefix(name, "env://"); ok {
		if t.p, t.err = p.as(env); t.err != nil {
			t.p = p
			return t
		}
	}
	state, err := t.p.liveOrSaved(name)
	if t.err = err; err == nil {
		t.state = state
	}
	return t
}

// matching lists the envs that a pattern means, as env://NAME.
func (p *project) matching(pattern string) ([]string, error) {
	var out []string
	for _, e := range p.file.Envs {
		ok, err := path.Match(pattern, e.Name)
		if err != nil {
			return nil, fmt.Errorf("cannot read --env %q: %w; use * for anything", pattern, err)
		}
		if ok || e.Group != "" && e.Group == pattern {
			out = append(out, "env://"+e.Name)
		}
	}
	if len(out) == 0 {
		_, err := p.file.Env(pattern) // which says what there is
		return nil, err
	}
	return out, nil
}

// listed puts the lines of stdin where - stands: one database a line, with
// empty lines and # comments between them.
func listed(urls []string, stdin io.Reader) ([]string, error) {
	var out []string
	for _, u := range urls {
		if u != "-" {
			out = append(out, u)
			continue
		}
		lines := bufio.NewScanner(stdin)
		for lines.Scan() {
			if line := strings.TrimSpace(lines.Text()); line != "" && !strings.HasPrefix(line, "#") {
				out = append(out, line)
			}
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("cannot read the list of databases on stdin: %w", err)
		}
		if len(out) == 0 {
			return nil, fmt.Errorf("cannot audit the list on stdin: it names no database")
		}
	}
	return out, nil
}
