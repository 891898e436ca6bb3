package dbtest

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// A Broken says which law of a migration does not hold, and how.
type Broken struct {
	Law   string
	Cause error
}

func (b *Broken) Error() string { return b.Law + ": " + b.Cause.Error() }
func (b *Broken) Unwrap() error { return b.Cause }

// The laws of a migration, each as the words for its breach.
const (
	Unread   = "a database cannot be read"
	Unplaned = "there is no plan"
	Refused  = "the server refuses the plan"
	Astray   = "the plan does not lead there"
	Lossy    = "the plan loses what it does not say"
	Undumped = "pg_dump sees a difference"
)

// A State is a database that stays as it is, and what a reading says of it.
type State struct {
	*devserver.Database
	*schema.Snapshot
}

// Look reads a database once for all that is asked of it.
func Look(ctx context.Context, d *devserver.Database) (State, error) {
	snap, err := Read(ctx, d, kinds.All)
	if err != nil {
		return State{}, &Broken{Unread, err}
	}
	return State{d, snap}, nil
}

// Migrate plans the way from one database to another, runs the plan on a copy
// and wants nothing left to do, every row and value that should be there still
// there, and pg_dump to agree. It returns the plan as a script; an error that
// is a *Broken says what is wrong with it.
func Migrate(ctx context.Context, server *devserver.Server, from, to State) (string, error) {
	return migrate(ctx, server, from, to, func(*devserver.Database) error { return nil })
}

// MigrateEmpty does so on a copy without rows.
func MigrateEmpty(ctx context.Context, server *devserver.Server, from, to State) (string, error) {
	return migrate(ctx, server, from, to, func(d *devserver.Database) error { return empty(ctx, d) })
}

func migrate(ctx context.Context, server *devserver.Server, from, to State, prepare func(*devserver.Database) error) (string, error) {
	plan, err := diff.MakePlan(from.Snapshot, to.Snapshot, kinds.All)
	if err != nil {
		return "", &Broken{Unplaned, err}
	}
	copied, err := server.Clone(ctx, from.Database)
	if err != nil {
		return "", err
	}
	err = prepare(copied)
	if err == nil {
		err = try(ctx, server, copied, to, plan)
	}
	if derr := copied.Drop(ctx); err == nil {
		err = derr
	}
	return Script(plan), err
}

// Script is a plan as text.
func Script(plan *diff.Plan) string {
	script := ""
	for _, s := range plan.Statements() {
		script += s + ";\n"
	}
	return script
}

// ThereAndBack plans the way from one database to another and runs the plan on
// the first, and then back again; it wants of both ways what Migrate wants, but
// asks pg_dump nothing. It copies nothing, and so is a good deal faster.
func ThereAndBack(ctx context.Context, from, to State) error {
	state := from.Snapshot
	for _, next := range []*schema.Snapshot{to.Snapshot, from.Snapshot} {
		plan, err := diff.MakePlan(state, next, kinds.All)
		if err != nil {
			return &Broken{Unplaned, err}
		}
		if state, err = apply(ctx, from.Database, next, plan); err != nil {
			return fmt.Errorf("%w\nthe plan:\n%s", err, Script(plan))
		}
	}
	return nil
}

// try runs a plan and looks what became of the database.
func try(ctx context.Context, server *devserver.Server, d *devserver.Database, to State, plan *diff.Plan) error {
	if _, err := apply(ctx, d, to.Snapshot, plan); err != nil {
		return err
	}
	return SameDump(server.Major(), d, to.Database)
}

// apply runs a plan, wants it to lead to a state and to keep the rows, and
// returns where it led.
func apply(ctx context.Context, d *devserver.Database, want *schema.Snapshot, plan *diff.Plan) (got *schema.Snapshot, err error) {
	err = within(ctx, d, func(conn *pgx.Conn) error {
		got, err = applyOn(ctx, conn, want, plan)
		return err
	})
	return got, err
}

func applyOn(ctx context.Context, conn *pgx.Conn, want *schema.Snapshot, plan *diff.Plan) (*schema.Snapshot, error) {
	before, err := countRows(ctx, conn)
	if err != nil {
		return nil, err
	}
	if err := load(ctx, conn, Script(plan)); err != nil {
		return nil, &Broken{Refused, err}
	}
	got, err := catalog.Read(ctx, conn.PgConn(), kinds.All)
	if err != nil {
		return nil, &Broken{Unread, err}
	}
	if changes := diff.Compare(got, want, kinds.All); len(changes) > 0 {
		return nil, &Broken{Astray, left(changes)}
	}
	after, err := countRows(ctx, conn)
	if err != nil {
		return nil, err
	}
	if err := Lost(before, after, plan); err != nil {
		return nil, &Broken{Lossy, err}
	}
	return got, nil
}

// left says what a plan left different.
func left(changes []diff.Change) error {
	var out []string
	for _, c := range changes {
		switch {
		case c.Old == nil:
			out = append(out, c.ID().String()+" is missing")
		case c.New == nil:
			out = append(out, c.ID().String()+" should not be there")
		default:
			for _, a := range c.Attrs {
				out = append(out, fmt.Sprintf("%s: %s is %q and should be %q", c.ID(), a, c.Old.Get(a), c.New.Get(a)))
			}
		}
	}
	return fmt.Errorf("%s", strings.Join(out, "\n"))
}
