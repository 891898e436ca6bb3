package desired

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/schema"
)

// most is how often a replay is begun again: each time tells of at least one
// more role that is missing, or file that wants a transaction.
const most = 200

// replay builds a database from the platform's files and then the scripts, and
// reads it.
//
// A role that a file needs and nobody creates is missing only because roles
// belong to a cluster. On a private one a stand-in is made, and the replay
// begins again: what followed the statement that missed it has been sent already.
func (b *Builder) replay(ctx context.Context, out *Built, scripts []Script) error {
	if err := b.start(ctx); err != nil {
		return err
	}
	if err := b.drop(ctx); err != nil {
		return err
	}
	for range most {
		err := b.replayOnce(ctx, out, scripts)
		if err == nil {
			if err = b.missing(); err == nil {
				return nil
			}
		}
		if derr := b.dropDatabase(ctx); derr != nil {
			return errors.Join(err, derr)
		}
		again, rerr := b.remedy(ctx, err, scripts)
		if rerr != nil || !again {
			return errors.Join(cmp.Or(b.missing(), err), rerr)
		}
		if err := b.forgetRoles(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("cannot replay %s: it was begun %d times, and each time something else was missing", out.State.Name, most)
}

// remedy does what helps against a failure, and reports whether the replay can
// be begun again.
func (b *Builder) remedy(ctx context.Context, failure error, scripts []Script) (bool, error) {
	var failed *StatementError
	if !errors.As(failure, &failed) {
		return false, nil
	}
	if failed.Server.Code == noTransaction {
		for i, s := range scripts {
			if s.Path == failed.Path && s.TxMode == "" {
				b.sayOnce("%s is replayed in a transaction: line %d cannot be run outside of one", s.Path, failed.Statement.Line)
				scripts[i].TxMode = history.TxFile
				return true, nil
			}
		}
	}
	if found, err := b.findProfile(failed); found || err != nil {
		return found, err
	}
	if left, err := b.leaveOut(failed, scripts); left || err != nil {
		return left, err
	}
	failed.without = slices.Sorted(maps.Keys(b.without))
	return b.standIn(ctx, failed)
}

// noTransaction is the server's code for what only a transaction can do, such
// as LOCK TABLE: the project's own tool runs the file in one.
const noTransaction = "25P01"

func (b *Builder) replayOnce(ctx context.Context, out *Built, scripts []Script) error {
	db, err := b.server.Create(ctx, b.locale)
	if err != nil {
		return err
	}
	b.owned = db
	b.outside = db.Config()
	b.outside.Database = "postgres"
	s, err := openSession(ctx, db)
	if err != nil {
		return err
	}
	defer func() { s.close() }()
	if err := b.makeRoles(ctx); err != nil {
		return err
	}
	if err := b.runInit(ctx, s); err != nil {
		return err
	}
	if b.tracing {
		if s.tracer, err = newTracer(ctx, s.conn, b.server.Major()); err != nil {
			return err
		}
	}
	for i, script := range scripts {
		b.cfg.Progress(i, len(scripts))
		if err := s.run(ctx, script); err != nil {
			return err
		}
	}
	b.cfg.Progress(len(scripts), len(scripts))
	out.db = db
	if out.Snapshot, err = b.look(ctx, s.conn); err == nil {
		out.Filled, err = filled(ctx, s.conn, out.Snapshot.Seeds)
	}
	if err != nil || s.tracer == nil {
		return err
	}
	out.origins = &Origins{marks: s.tracer.marks, objects: out.Snapshot.Objects}
	out.origins.addresses, err = catalog.ReadAddresses(ctx, s.conn, b.cfg.Kinds)
	return err
}

// runInit runs what stands for the platform, and notes what it makes: what a
// new database has anyway is nobody's.
func (b *Builder) runInit(ctx context.Context, s *session) error {
	scripts := slices.Concat(b.provided, b.init)
	if b.platform == nil && len(scripts) == 0 {
		b.platform = schema.Empty(b.version())
	}
	var before *schema.Snapshot
	var err error
	if b.platform == nil {
		if before, err = catalog.Read(ctx, s.conn, b.cfg.Kinds); err != nil {
			return err
		}
	}
	for _, script := range scripts {
		if err := s.run(ctx, script); err != nil {
			return err
		}
	}
	if before == nil {
		return nil
	}
	after, err := catalog.Read(ctx, s.conn, b.cfg.Kinds)
	if err != nil {
		return err
	}
	b.platform = schema.Empty(after.Version)
	for _, c := range diff.Compare(before, after, b.cfg.Kinds) {
		if c.New != nil {
			b.platform.Objects[c.ID()] = c.New
		}
	}
	return nil
}

// onPlatform reports whether anything stands for a platform.
func (b *Builder) onPlatform() bool { return len(b.cfg.Init)+len(b.profiles) > 0 }

// drop drops the replayed database, and the roles that came with it.
func (b *Builder) drop(ctx context.Context) error {
	if b.outside == nil {
		return nil
	}
	if err := b.dropDatabase(ctx); err != nil {
		return err
	}
	clear(b.standIns)
	return b.forgetRoles(ctx)
}

func (b *Builder) dropDatabase(ctx context.Context) error {
	if b.owned == nil {
		return nil
	}
	db := b.owned
	b.owned = nil
	return db.Drop(ctx)
}

// Clone copies a replayed database with its settings, which CREATE DATABASE
// leaves behind.
func (b *Builder) Clone(ctx context.Context, built *Built) (*devserver.Database, error) {
	clone, err := b.server.Clone(ctx, built.db)
	if err != nil {
		return nil, err
	}
	return clone, copySettings(ctx, built.db, clone)
}
