package desired

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// Take reads a live database for a file: the time of it is the caller's to say.
func (b *Builder) Take(ctx context.Context, s State) (*Saved, error) {
	if s.Source != FromDatabase {
		return nil, fmt.Errorf("cannot take a snapshot of %s: it is no live database; name one as postgres://… or env://NAME", s.Name)
	}
	out := &Saved{}
	for _, k := range b.cfg.Kinds {
		out.Kinds = append(out.Kinds, k.Name)
	}
	if err := out.about(ctx, s); err != nil {
		return nil, err
	}
	var err error
	if out.State, err = b.read(ctx, s); err != nil {
		return nil, err
	}
	out.Log, err = ReadLogRecord(ctx, s, out.State)
	var gap *LogError
	if errors.As(err, &gap) {
		out.LogGap, err = gap.Error(), nil
	}
	if out.Log != nil {
		slices.Sort(out.Log.Entries) // the same log, the same file
	}
	return out, err
}

// about asks where the database is, and what it is like.
func (s *Saved) about(ctx context.Context, state State) error {
	conn, err := Connect(ctx, state)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	s.Taken.Host = conn.Config().Host
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		const who = "SELECT pg_catalog.current_database(), CURRENT_USER::pg_catalog.text, pg_catalog.pg_is_in_recovery()"
		if err := tx.QueryRow(ctx, who).Scan(&s.Taken.Database, &s.Taken.Role, &s.Taken.Standby); err != nil {
			return err
		}
		s.Locale, err = devserver.LocaleOf(ctx, conn)
		return err
	})
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", state.Name, err)
	}
	return nil
}
