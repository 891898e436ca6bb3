package desired

import (
	"context"
	"errors"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/schema"
)

// A Verification says whether a replayed state and what plumb's own SQL of it
// makes are one and the same, to plumb and to pg_dump, which shares no code
// with it.
type Verification struct {
	Left []diff.Change // what plumb sees different in the rebuilt database
	// Dump is the pg_dump that was asked, such as "pg_dump 15.18"; empty where
	// none is here that reads the server's major.
	Dump string
	// Missing and Extra are the lines that only one of the dumps has: of the
	// replayed, and of the rebuilt database. The order of lines does not count.
	Missing, Extra []string
	// Unrestored is why nobody can say which of them are of words only: the dump of
	// the replayed database cannot be restored. nil: these are left out.
	Unrestored error
}

// Same reports whether nobody saw a difference.
func (v *Verification) Same() bool { return len(v.Left)+len(v.Missing)+len(v.Extra) == 0 }

// Verify rebuilds a state that was replayed last from plumb's own SQL in an
// empty database beside it, and compares the two.
func (b *Builder) Verify(ctx context.Context, built *Built) (v *Verification, err error) {
	if built.db == nil {
		return nil, errors.New("only what is replayed can be verified")
	}
	db, err := b.server.Create(ctx, b.locale)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Drop(context.WithoutCancel(ctx))) }()
	v = &Verification{}
	if v.Left, err = b.rebuild(ctx, built, db); err != nil {
		return nil, err
	}
	return v, b.askDump(ctx, v, built.db, db)
}

// rebuild makes a state in an empty database from the SQL that plumb has for
// it, and lists what is different there.
func (b *Builder) rebuild(ctx context.Context, built *Built, db *devserver.Database) ([]diff.Change, error) {
	s, err := openSession(ctx, db)
	if err != nil {
		return nil, err
	}
	defer func() { s.close() }()
	empty, err := catalog.Read(ctx, s.conn, b.cfg.Kinds)
	if err != nil {
		return nil, err
	}
	plan, err := diff.MakePlan(empty, built.Snapshot, b.cfg.Kinds)
	if err != nil {
		return nil, err
	}
	if err := s.run(ctx, planScript("plumb's own SQL of "+built.State.Name, plan)); err != nil {
		return nil, err
	}
	var got *schema.Snapshot
	if got, err = b.look(ctx, s.conn); err != nil {
		return nil, err
	}
	left := diff.Compare(built.Snapshot, got, b.cfg.Kinds)
	return b.settle(ctx, left, got, built.Snapshot), nil
}
