package desired

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/profile"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// Config says what a Builder works with.
type Config struct {
	Server Server
	Major  int            // of the throw-away server, where no state says which
	Kinds  schema.Kinds   // what is compared; none: kinds.All
	Layout history.Layout // of histories
	// Init names files of SQL that stand for what the platform provides.
	// They run before anything that is replayed, and what they make is not
	// compared.
	Init []string
	// Scope leaves out what the project does not own.
	Scope Scope
	// Profiles names the platforms that databases are on; with AutoProfile among
	// them, others are found.
	Profiles []string
	// Seeds are the tables whose rows belong to the schema.
	Seeds []catalog.Seed
	// Log is told, a sentence at a time, what the person should know; may be nil.
	Log func(string)
	// Progress is told how many files of how many are replayed; may be nil.
	Progress func(done, of int)
}

// A Builder builds the schemas that states name. It starts a throw-away server
// when the first of them needs one.
type Builder struct {
	cfg    Config
	server *devserver.Server
	locale devserver.Locale

	profiles []*profile.Profile // that count
	provided []Script           // what stands for them
	named    bool               // those that were asked for by name do
	init     []Script
	platform *schema.Snapshot    // what Init made; nil until something was replayed
	owned    *devserver.Database // the last that was replayed and not dropped
	outside  *pgx.ConnConfig     // how to reach the server, but none of our databases

	standIns    map[string]bool // roles made because the last replay needs them
	everStoodIn map[string]bool
	// without are the extensions that a replay had to do without.
	without map[string]leftOut
	said    map[string]bool

	tracing  bool       // the replay notes where objects come from
	printers []*printer // servers on which states of other majors were made anew
}

// NewBuilder returns a Builder, to be closed after use.
func NewBuilder(cfg Config) *Builder {
	if cfg.Kinds == nil {
		cfg.Kinds = kinds.All
	}
	if cfg.Log == nil {
		cfg.Log = func(string) {}
	}
	if cfg.Progress == nil {
		cfg.Progress = func(int, int) {}
	}
	if cfg.Server.Log == nil {
		cfg.Server.Log = cfg.Log
	}
	return &Builder{cfg: cfg, standIns: map[string]bool{}, everStoodIn: map[string]bool{}, without: map[string]leftOut{}, said: map[string]bool{}}
}

// Close drops what was built and stops the server.
func (b *Builder) Close() error {
	var errs []error
	for _, p := range b.printers {
		errs = append(errs, p.Close())
	}
	if b.server != nil {
		errs = append(errs, b.server.Close())
	}
	return errors.Join(errs...)
}

// A Built is a state that has been built.
type Built struct {
	State    State
	Snapshot *schema.Snapshot
	// History is what was replayed, where the state is one.
	History *history.History
	// Filled counts the tables in which a replay has left rows that are not
	// compared, since they are no seeds.
	Filled int
	// Replayed reports whether the snapshot comes from the throw-away server.
	Replayed bool

	db      *devserver.Database
	origins *Origins // where the replay was traced
}

// Like makes the throw-away server take after a live database, or a snapshot of
// one: its major, and its locale.
func (b *Builder) Like(ctx context.Context, states ...State) error {
	for _, s := range states {
		if s.Source == FromSnapshot && b.cfg.Server.Major == 0 {
			if saved, err := ReadSaved(s.Path); err == nil { // else Build says what is wrong
				b.cfg.Server.Major, b.locale = saved.State.Major(), saved.Locale
				if saved.Taken.Database != "" {
					b.sayOnce("%s is a snapshot of %s", s.Name, saved.Taken)
				}
			}
		}
		if s.Source != FromDatabase {
			continue
		}
		conn, err := Connect(ctx, s)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		if b.cfg.Server.Major == 0 {
			fmt.Sscanf(conn.PgConn().ParameterStatus("server_version"), "%d", &b.cfg.Server.Major)
		}
		var live Saved
		if err := live.about(ctx, conn); err != nil {
			return fmt.Errorf("cannot read %s: %w", s.Name, err)
		}
		b.locale = live.Locale
		if len(states) > 1 && !slices.ContainsFunc(states, State.isReplayed) {
			return nil // what the platform has is told of where it differs from one database to the other
		}
		return b.useFound(live.Taken.Profiles, s.Name)
	}
	return nil
}

// isReplayed reports whether a state is made in the throw-away server.
func (s State) isReplayed() bool { return s.Source != FromDatabase && s.Source != FromSnapshot }

// Build builds a state. One replayed database is kept at a time: to build the
// next drops it.
func (b *Builder) Build(ctx context.Context, s State) (*Built, error) {
	out := &Built{State: s}
	var err error
	switch s.Source {
	case FromNothing:
		err = b.buildScripts(ctx, out, nil) // what a new database has: schema public, for one
	case FromDatabase:
		var read *Saved
		if read, err = b.read(ctx, s); err == nil {
			out.Snapshot = read.State
		}
	case FromSnapshot:
		var saved *Saved
		if saved, err = b.Take(ctx, s); err == nil {
			out.Snapshot = saved.State
		}
	case FromHistory:
		err = b.buildHistory(ctx, out)
	case FromSQL:
		var scripts []Script
		if scripts, err = readScripts(s.Path); err == nil {
			err = b.buildScripts(ctx, out, scripts)
		}
	default:
		err = errors.New("cannot build a state that was not parsed")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// version is a server's version for states that have none.
func (b *Builder) version() int {
	switch {
	case b.platform != nil:
		return b.platform.Version
	case b.server != nil:
		return b.server.Major() * 10000
	}
	return b.cfg.Server.Major * 10000
}

func (b *Builder) buildHistory(ctx context.Context, out *Built) error {
	h, err := history.Open(out.State.Path, b.cfg.Layout)
	if err != nil {
		return fmt.Errorf("cannot read the history in %s: %w", out.State.Path, err)
	}
	for _, w := range h.Warnings {
		b.sayOnce("%s", w)
	}
	if out.State.UpTo != "" {
		if h, err = h.UpTo(out.State.UpTo); err != nil {
			return fmt.Errorf("cannot read %s: %w", out.State.Name, err)
		}
	}
	out.History = h
	scripts := slices.DeleteFunc(historyScripts(h), func(s Script) bool { return slices.Contains(out.State.Skip, s.Path) })
	return b.buildScripts(ctx, out, scripts)
}

func (b *Builder) buildScripts(ctx context.Context, out *Built, scripts []Script) error {
	out.Replayed = true
	return b.replay(ctx, out, scripts)
}

// look reads all that is compared of the database that conn is connected to.
func (b *Builder) look(ctx context.Context, conn *pgconn.PgConn, more ...*pgconn.PgConn) (*schema.Snapshot, error) {
	snap, err := catalog.Read(ctx, conn, b.cfg.Kinds, more...)
	if err != nil {
		return nil, err
	}
	return snap, catalog.Rows(ctx, conn, b.cfg.Seeds, snap)
}

// start starts the throw-away server, once.
func (b *Builder) start(ctx context.Context) error {
	if err := b.useNamed(); err != nil {
		return err
	}
	if b.server != nil {
		return nil
	}
	for _, path := range b.cfg.Init {
		scripts, err := readScripts(path)
		if err != nil {
			return err
		}
		b.init = append(b.init, scripts...)
	}
	b.cfg.Server.Major = cmp.Or(b.cfg.Server.Major, b.cfg.Major)
	server, err := devserver.Start(ctx, b.cfg.Server)
	if err != nil {
		return err
	}
	b.server = server
	return nil
}

// sayOnce logs a sentence that was not logged before.
func (b *Builder) sayOnce(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !b.said[text] {
		b.said[text] = true
		b.cfg.Log(text)
	}
}
