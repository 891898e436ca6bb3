package desired

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/schema"
)

// A Claim is what a migration is to be proved of: run on the state From it
// leads to the state Want, and no rows are lost but those of Loses.
type Claim struct {
	From    *Built
	Script  Script
	Want    *schema.Snapshot // without what Outside leaves out
	Outside Outside
	Loses   []schema.ID
}

// A Proof says what the proof of a claim rests on.
type Proof struct {
	Tables, Seeded int // how many tables there were, and how many had a row
	// Stopped is what the server said where rows that might exist keep the
	// migration from running; nil if they do not.
	Stopped error
}

// Prove runs a migration on a copy of the state that it starts from, with a
// row in every table that can have one, reads the result and compares. What
// cannot be proved is an error.
func (b *Builder) Prove(ctx context.Context, c Claim) (Proof, error) {
	var proof Proof
	err := b.trial(ctx, c, func(db *devserver.Database) error {
		before, err := seed(ctx, db)
		if err != nil {
			return err
		}
		proof.Tables, proof.Seeded = before.count()
		if err := b.apply(ctx, c, db); err != nil {
			return err
		}
		after, err := countRows(ctx, db)
		if err != nil {
			return err
		}
		return lost(before, after, c.Loses, b.deleted(c))
	})
	if !ofRows(err) {
		return proof, err
	}
	proof.Stopped = err
	return proof, b.trial(ctx, c, func(db *devserver.Database) error { return b.apply(ctx, c, db) })
}

// deleted counts the rows that a migration says it deletes, by table.
func (b *Builder) deleted(c Claim) map[string]int64 {
	out := map[string]int64{}
	for _, id := range c.Loses {
		if o := c.From.Snapshot.Objects[id]; o != nil && b.cfg.Kinds.Find(id.Kind).Open {
			out[o.Parent.Name]++
		}
	}
	return out
}

// trial does something with a copy of the state before, again where a role was
// missing: a migration that is planned for a database may name every role there
// is beside it.
func (b *Builder) trial(ctx context.Context, c Claim, do func(*devserver.Database) error) error {
	for {
		err := b.tryOnce(ctx, c, do)
		var failed *StatementError
		if !errors.As(err, &failed) {
			return err
		}
		if again, serr := b.standIn(ctx, failed); serr != nil || !again {
			return errors.Join(err, serr)
		}
	}
}

// tryOnce does so and leaves no trace.
func (b *Builder) tryOnce(ctx context.Context, c Claim, do func(*devserver.Database) error) error {
	roles, err := b.roles(ctx)
	if err != nil {
		return err
	}
	db, err := b.Clone(ctx, c.From)
	if err != nil {
		return err
	}
	err = do(db)
	if derr := db.Drop(context.WithoutCancel(ctx)); derr != nil {
		return errors.Join(err, derr)
	}
	return errors.Join(err, b.dropRoles(ctx, func(role string) bool { return slices.Contains(roles, role) }))
}

// apply runs the migration and compares what it leads to with what is wanted.
func (b *Builder) apply(ctx context.Context, c Claim, db *devserver.Database) error {
	s, err := openSession(ctx, db)
	if err != nil {
		return err
	}
	defer func() { s.close() }()
	if err := s.run(ctx, c.Script); err != nil {
		return err
	}
	got, err := b.look(ctx, s.conn)
	if err != nil {
		return err
	}
	if c.Want.Major() < got.Major() {
		got = asKnown(got, b.cfg.Kinds, c.Want.Major())
	}
	made := c.Outside.Remove(got)
	left := b.Changes(ctx, made, c.Want)
	if len(left) == 0 {
		return nil
	}
	return &UnprovedError{Left: left}
}

// An UnprovedError lists what a migration, which was run, leaves different from
// what is wanted; or what differs though there is nothing to run.
type UnprovedError struct{ Left []diff.Change }

func (e *UnprovedError) Error() string {
	const shown = 10
	var s strings.Builder
	fmt.Fprintf(&s, "what is planned does not lead there: %d objects still differ; please report this as a bug of plumb", len(e.Left))
	for i, c := range e.Left {
		if i == shown {
			fmt.Fprintf(&s, "\n  and %d more", len(e.Left)-shown)
			break
		}
		fmt.Fprintf(&s, "\n  %s", changeLine(c))
	}
	return printable(s.String())
}

func changeLine(c diff.Change) string {
	switch {
	case c.Old == nil:
		return c.ID().String() + " is missing"
	case c.New == nil:
		return c.ID().String() + " should not be there"
	}
	var attrs []string
	for _, a := range c.Attrs {
		attrs = append(attrs, fmt.Sprintf("%s is %q and should be %q", a, c.Old.Get(a), c.New.Get(a)))
	}
	return c.ID().String() + ": " + strings.Join(attrs, ", ")
}

// ofRows reports whether a statement failed because of the rows that are
// there: integrity violations and values that cannot be converted.
func ofRows(err error) bool {
	var failed *StatementError
	var pg *pgconn.PgError
	return errors.As(err, &failed) && errors.As(err, &pg) &&
		(strings.HasPrefix(pg.Code, "23") || strings.HasPrefix(pg.Code, "22") || pg.Code == "42804")
}
