package coverage

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/pgdump"
	"github.com/tvl-platform/plumb/kinds"
)

// A Run puts the checks to suites on one major.
type Run struct {
	Major int
	Only  *regexp.Regexp // of suite/case
	Keep  string         // a folder for the plans that did not lead there
	Say   func(Result)   // told of every answer

	results Results
	server  *devserver.Database // any database of the server, for its address
}

// Do runs all suites on a server of its own.
func (r *Run) Do(ctx context.Context, suites []Suite) (Results, error) {
	server, err := devserver.Start(ctx, devserver.Config{Major: r.Major})
	if err != nil {
		return r.results, err
	}
	defer server.Close()
	if r.server, err = server.Create(ctx, devserver.Locale{}); err != nil {
		return r.results, err
	}
	if program, _ := pgdump.Find(ctx, r.Major); program != "" {
		r.results.Dumped = []int{r.Major}
	}
	for _, s := range suites {
		if err := r.suite(ctx, s); err != nil {
			return r.results, fmt.Errorf("cannot run %s on PostgreSQL %d: %w", s.Name, r.Major, err)
		}
	}
	return r.results, nil
}

// suite puts the checks to a suite. Its builder works beside others on the
// server, so that what it copies stays for as long as it is needed.
func (r *Run) suite(ctx context.Context, s Suite) error {
	cfg := desired.Config{Server: devserver.Config{URL: r.server.URL()}, Kinds: kinds.All, Log: func(string) {}}
	if s.Prelude != "" {
		cfg.Init = []string{s.Prelude}
	}
	l := &lab{builder: desired.NewBuilder(cfg), keep: r.Keep}
	l.pgDump, _ = pgdump.Find(ctx, r.Major)
	defer l.builder.Close()
	if s.History != "" && r.wants(s.Name+"/") {
		return r.history(ctx, l, s)
	}
	for _, p := range s.Pairs {
		if !r.wants(s.Name + "/" + p.Name) {
			continue
		}
		if err := r.pair(ctx, l, s.Name, p); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}

func (r *Run) wants(name string) bool { return r.Only == nil || r.Only.MatchString(name) }

func (r *Run) add(suite, name string, check Check, why string) {
	r.answer(Result{Suite: suite, Case: name, Major: r.Major, Check: check, Why: why})
}

// walk goes a way and adds where it led.
func (r *Run) walk(ctx context.Context, l *lab, suite, name string, check Check, from, to *state) {
	plan := fmt.Sprintf("%s/%s.%d.%s", suite, strings.ReplaceAll(name, "/", "-"), r.Major, strings.ReplaceAll(string(check), " ", "-"))
	why, rows := l.way(ctx, plan, from, to)
	r.answer(Result{suite, name, r.Major, check, why, rows})
}

func (r *Run) answer(result Result) {
	r.results.Results = append(r.results.Results, result)
	r.Say(result)
}

// pair puts the checks to two schemas: there and back, and the second from
// empty and to empty.
func (r *Run) pair(ctx context.Context, l *lab, suite string, p Pair) error {
	if p.Setup != "" {
		dir, err := os.MkdirTemp("", "plumb-coverage-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if p, err = p.joined(dir); err != nil {
			return err
		}
	}
	from, _, err := l.build(ctx, desired.State{Name: "from.sql", Source: desired.FromSQL, Path: p.From})
	if err != nil {
		r.add(suite, p.Name, Loads, err.Error())
		return nil
	}
	to, built, err := l.build(ctx, desired.State{Name: "to.sql", Source: desired.FromSQL, Path: p.To})
	if err != nil {
		r.add(suite, p.Name, Loads, err.Error())
		return drop(ctx, from.copy)
	}
	r.add(suite, p.Name, Itself, l.same(ctx, from))
	r.walk(ctx, l, suite, p.Name, There, from, to)
	r.walk(ctx, l, suite, p.Name, Back, to, from)
	if to.copy, err = l.builder.Clone(ctx, built); err != nil {
		return err
	}
	return r.emptied(ctx, l, suite, p.Name, to)
}

// emptied checks the ways from empty to a state and back.
func (r *Run) emptied(ctx context.Context, l *lab, suite, name string, end *state) error {
	empty, _, err := l.build(ctx, desired.State{Name: "empty", Source: desired.FromNothing})
	if err != nil {
		return err
	}
	r.walk(ctx, l, suite, name, FromEmpty, empty, end)
	r.walk(ctx, l, suite, name, ToEmpty, end, empty)
	return nil
}

// history puts the checks to a history: it is replayed, and the ways between
// its stops and its end are gone.
func (r *Run) history(ctx context.Context, l *lab, s Suite) error {
	h, err := history.Open(s.History, history.Layout{})
	if err != nil {
		r.add(s.Name, "history", Loads, err.Error())
		return nil
	}
	state := desired.State{Name: s.Name, Source: desired.FromHistory, Path: s.History}
	end, built, err := l.build(ctx, state)
	if err != nil {
		r.add(s.Name, "history", Loads, err.Error())
		return nil
	}
	r.add(s.Name, "history", Itself, l.same(ctx, end))
	for range stops(h) {
		more, err := l.builder.Clone(ctx, built)
		if err != nil {
			return err
		}
		defer more.Drop(context.WithoutCancel(ctx))
		end.more = append(end.more, more)
	}
	if err := r.emptied(ctx, l, s.Name, "history", end); err != nil {
		return err
	}
	if err := r.replay(ctx, l, s, h, end); err != nil {
		return err
	}
	for i, f := range stops(h) {
		state.UpTo, state.Name = f.Path, s.Name+"?to="+f.Path
		half, _, err := l.build(ctx, state)
		if err != nil {
			return err
		}
		end.copy = end.more[i]
		r.walk(ctx, l, s.Name, f.Path, There, half, end)
		r.walk(ctx, l, s.Name, f.Path, Back, end, half)
	}
	return nil
}

// replay compares plumb's replay with psql's, where there is a psql.
func (r *Run) replay(ctx context.Context, l *lab, s Suite, h *history.History, end *state) error {
	psql, err := exec.LookPath("psql")
	if err != nil {
		return nil
	}
	empty, _, err := l.build(ctx, desired.State{Name: "empty", Source: desired.FromNothing})
	if err != nil {
		return err
	}
	r.add(s.Name, "history", Replay, l.asPsql(ctx, psql, s, h, empty, end))
	return drop(ctx, empty.copy)
}
