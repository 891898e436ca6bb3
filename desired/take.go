package desired

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// Take reads what a comparison needs of a live database, or of the file that
// stands in for it. It may be called from several goroutines at once.
func (b *Builder) Take(ctx context.Context, s State) (*Saved, error) {
	switch s.Source {
	case FromDatabase:
		saved, err := b.read(ctx, s)
		if err != nil {
			return nil, err
		}
		return saved, saved.readLog(ctx, s)
	case FromSnapshot:
		saved, err := ReadSaved(s.Path)
		if err != nil {
			return nil, err
		}
		if saved.State, err = saved.only(b.cfg.Kinds); err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", s.Name, err)
		}
		if saved.Taken.Database == "" {
			saved.LogGap = s.Name + " keeps no log of applied migrations, so those that are pending look like drift; plumb snapshot writes files that do"
		}
		return saved, nil
	}
	return nil, fmt.Errorf("cannot read %s as a database: it is none; name one as postgres://… or env://NAME, or the snapshot of one", s.Name)
}

// read reads a live database, on two connections where it is given two.
func (b *Builder) read(ctx context.Context, s State) (*Saved, error) {
	conn, err := Connect(ctx, s)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	out := &Saved{}
	for _, k := range b.cfg.Kinds {
		out.Kinds = append(out.Kinds, k.Name)
	}
	if err := out.about(ctx, conn); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", s.Name, err)
	}
	var more []*pgconn.PgConn
	if second, err := Connect(ctx, s); err == nil {
		defer second.Close(context.WithoutCancel(ctx))
		more = append(more, second.PgConn())
	}
	if out.State, err = b.look(ctx, conn.PgConn(), more...); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return out, nil
}

// about asks where the database is, and what it is like.
func (s *Saved) about(ctx context.Context, conn *pgx.Conn) error {
	s.Taken.Host = conn.Config().Host
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		const who = "SELECT pg_catalog.current_database(), CURRENT_USER::pg_catalog.text, pg_catalog.pg_is_in_recovery()"
		if err := tx.QueryRow(ctx, who).Scan(&s.Taken.Database, &s.Taken.Role, &s.Taken.Standby); err != nil {
			return err
		}
		var err error
		if s.Taken.Profiles, err = profilesOf(ctx, tx); err != nil {
			return err
		}
		s.Locale, err = devserver.LocaleOf(ctx, conn)
		return err
	})
}

// readLog reads the log, or notes why it could not be read.
func (s *Saved) readLog(ctx context.Context, state State) (err error) {
	s.Log, err = readLogRecord(ctx, state, s.State)
	var gap *LogError
	if errors.As(err, &gap) {
		s.LogGap, err = gap.Error(), nil
	}
	if s.Log != nil {
		slices.Sort(s.Log.Entries) // the same log, the same file
	}
	return err
}

// Gaps lists what could not be seen: what the role that read was not shown.
func (s *Saved) Gaps() []string {
	out := s.State.NotShown()
	if s.LogGap != "" {
		out = append(out, s.LogGap)
	}
	return out
}

// LikeTaken makes the throw-away server take after a database that was read.
func (b *Builder) LikeTaken(s *Saved) error {
	if b.cfg.Server.Major == 0 {
		b.cfg.Server.Major = s.State.Major()
	}
	b.locale = s.Locale
	return b.useFound(s.Taken.Profiles, "the database")
}
