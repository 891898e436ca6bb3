package desired

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/schema"
)

// A printer is a Builder on a server of its own, on which states that other
// servers printed are made anew. It shares nothing with the Builder that it
// serves: what that has replayed stays as it is.
type printer struct {
	*Builder
	empty *Built // what a new database holds there
	done  map[*schema.Snapshot]*schema.Snapshot
}

// wanted is the major that a printer should be of.
type wanted struct {
	major   int
	orLater bool
	// platform is set where the platform's files are to be run first: a
	// snapshot was saved without what they made.
	platform bool
}

func (w wanted) fits(p *printer) bool {
	return w.platform == p.onPlatform() && (p.server.Major() == w.major || w.orLater && p.server.Major() > w.major)
}

// findPrinter returns the first printer that is to be had. The dev server that
// was named goes before one of our own.
func (b *Builder) findPrinter(ctx context.Context, servers []wanted) (*printer, error) {
	var errs []error
	for _, w := range servers {
		if i := slices.IndexFunc(b.printers, w.fits); i >= 0 {
			return b.printers[i], nil
		}
		p, err := b.startPrinter(ctx, w)
		if err == nil {
			return p, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("%w; install PostgreSQL %d, or say --download-postgres, or name a server of it with --dev-url",
		errors.Join(errs...), servers[0].major)
}

// startPrinter starts a server that is wanted.
func (b *Builder) startPrinter(ctx context.Context, w wanted) (*printer, error) {
	own := b.cfg.Server
	own.URL, own.Major = "", w.major
	servers := []devserver.Config{own}
	if b.cfg.Server.URL != "" {
		servers = []devserver.Config{b.cfg.Server, own}
	}
	var init []string
	if w.platform {
		init = append([]string{}, b.cfg.Init...)
	}
	var errs []error
	for _, s := range servers {
		p := &printer{
			Builder: NewBuilder(Config{Server: s, Kinds: b.cfg.Kinds, Layout: b.cfg.Layout, Init: init, Seeds: b.cfg.Seeds}),
			done:    map[*schema.Snapshot]*schema.Snapshot{},
		}
		p.locale = b.locale
		if w.platform {
			p.profiles, p.provided = b.profiles, b.provided
		}
		err := p.start(ctx)
		if err == nil && !w.fits(p) {
			err = fmt.Errorf("PostgreSQL %d is not here, but %d is", w.major, p.server.Major())
		}
		if err == nil {
			p.empty, err = p.Build(ctx, State{Name: "empty", Source: FromNothing})
		}
		if err == nil {
			b.printers = append(b.printers, p)
			return p, nil
		}
		errs = append(errs, err, p.Close())
	}
	return nil, errors.Join(errs...)
}

// Forget lets go of a snapshot that will not be compared again.
func (b *Builder) Forget(snap *schema.Snapshot) {
	for _, p := range b.printers {
		delete(p.done, snap)
	}
}

// restate makes a state anew and returns it as the printer's server prints it.
func (p *printer) restate(ctx context.Context, built *Built) (*schema.Snapshot, error) {
	if done := p.done[built.Snapshot]; done != nil {
		return done, nil
	}
	known := built.Snapshot
	if known.Major() > p.server.Major() {
		known = asMade(known, p.cfg.Kinds, p.server.Major())
	}
	// What a new database has and the state lacks stays meanwhile: a snapshot
	// that was saved may need it.
	whole := *known
	whole.Objects = maps.Clone(p.empty.Snapshot.Objects)
	maps.Copy(whole.Objects, known.Objects)
	plan, err := diff.MakePlan(p.empty.Snapshot, &whole, p.cfg.Kinds)
	if err != nil {
		return nil, err
	}
	again := &Built{State: built.State}
	if err := p.run(ctx, again, planScript(built.State.Name, plan)); err != nil {
		return nil, err
	}
	for id := range p.empty.Snapshot.Objects {
		if built.Snapshot.Objects[id] == nil {
			delete(again.Snapshot.Objects, id)
		}
	}
	done, err := inWordsOf(built.Snapshot, again.Snapshot, p.cfg.Kinds)
	if err != nil {
		return nil, err
	}
	p.done[built.Snapshot] = done
	return done, nil
}

// run makes a state of a script. Where the server calls a function as it reads a
// statement, that may miss what the function's body names, which nobody can know
// beforehand: the statement goes behind all others, and what misses it then too.
func (p *printer) run(ctx context.Context, out *Built, script Script) error {
	const most = 10
	var first error
	for range most {
		err := p.buildScripts(ctx, out, []Script{script})
		if err == nil {
			return nil
		}
		var failed *StatementError
		if !errors.As(err, &failed) || failed.missing() == "" || first == nil && failed.Server.Where == "" {
			return cmp.Or(first, err)
		}
		first = cmp.Or(first, err)
		i := slices.IndexFunc(script.Statements, func(s history.Statement) bool { return s.Line == failed.Statement.Line })
		script.Statements = append(slices.Delete(script.Statements, i, i+1), failed.Statement)
	}
	return first
}

// planScript is a plan as a script: every statement by itself.
func planScript(name string, plan *diff.Plan) Script {
	out := Script{Path: name}
	add := func(sql string) {
		out.Statements = append(out.Statements, history.Statement{Text: sql, Line: len(out.Statements) + 1, Column: 1})
	}
	for _, set := range plan.Settings {
		add("SET " + set)
	}
	for _, sql := range plan.Statements() {
		add(sql)
	}
	return out
}

// inWordsOf returns the state was in the words in which another server prints
// it: with the attributes that its own server knows, with its order, and
// without what its own server did not show.
func inWordsOf(was, printed *schema.Snapshot, kinds schema.Kinds) (*schema.Snapshot, error) {
	if missing := notIn(was, printed); len(missing) > 0 {
		return nil, fmt.Errorf("it was made, and lacks %s", strings.Join(missing, ", "))
	}
	astray, err := strays(was, printed, kinds)
	if err != nil {
		return nil, err
	}
	out := *was
	out.Objects = make(map[schema.ID]*schema.Object, len(printed.Objects))
	known := knownAttrs(was)
	for id, o := range printed.Objects {
		k := kinds.Find(id.Kind)
		if before := was.Objects[id]; before != nil && astray[id.Kind] != nil {
			o = named(cmp.Or(astray[id.Kind][id], o), before, k)
		}
		out.Objects[id] = restated(was.Objects[id], o, k, known[id.Kind])
	}
	return &out, nil
}

// notIn lists the objects of a state that another lacks.
func notIn(was, printed *schema.Snapshot) []string {
	const most = 5
	var out []string
	for _, o := range was.Sorted() {
		if printed.Objects[o.ID] == nil {
			if len(out) == most {
				return append(out, "and more")
			}
			out = append(out, o.ID.String())
		}
	}
	return out
}

// knownAttrs lists, by kind, the attributes that a state has.
func knownAttrs(s *schema.Snapshot) map[string][]string {
	out := map[string][]string{}
	for id, o := range s.Objects {
		for _, name := range o.Attrs.Names {
			if !slices.Contains(out[id.Kind], name) {
				out[id.Kind] = append(out[id.Kind], name)
			}
		}
	}
	return out
}

// restated is an object as another server printed it. Kinds of which the state
// has no object say nothing of what its server knows; they keep what there is.
func restated(was, printed *schema.Object, k *schema.Kind, known []string) *schema.Object {
	out := *printed
	out.Attrs = schema.Attrs{}
	if was != nil {
		out.Order = was.Order
	}
	for i, name := range printed.Attrs.Names {
		a, _ := k.Attr(name)
		if known != nil && !a.Fact && !slices.Contains(known, name) {
			continue
		}
		value := printed.Attrs.Values[i]
		if was != nil && was.Get(name) == schema.NotVisible {
			value = schema.NotVisible
		}
		out.Attrs.Names, out.Attrs.Values = append(out.Attrs.Names, name), append(out.Attrs.Values, value)
	}
	return &out
}
