package apply

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/history"
)

// stepping is a file that is applied statement by statement.
type stepping struct {
	*Applier
	f     *history.File
	e     Entry
	began time.Time     // of this run
	took  time.Duration // by earlier ones
}

// steps applies a file statement by statement, from where an earlier run of it
// has stopped. Each statement is committed together with its count in the log,
// but for those that no transaction can hold.
func (a *Applier) steps(ctx context.Context, f FileStatus) (Entry, error) {
	s := &stepping{a, f.File, f.Entry, time.Now(), f.Entry.Took}
	var err error
	if f.What == Halfway {
		err = s.resume(ctx)
	} else {
		s.e = newEntry(f.File, Running)
		err = s.write(ctx)
	}
	for err == nil && s.e.Done < len(s.f.Statements) {
		err = s.next(ctx)
	}
	if err == nil && s.e.State != Applied { // it has no statements
		s.done(len(s.f.Statements))
		err = s.write(ctx)
	}
	return s.e, err
}

// resume begins where the log says that the file has stopped.
func (s *stepping) resume(ctx context.Context) error {
	if s.e.Done > len(s.f.Statements) || doneChecksum(s.f, s.e.Done) != s.e.DoneChecksum {
		return refuse("refused: %s has stopped after %d statements, and these are not as they were; put them back as they were run, and change only what comes after", s.f.Path, s.e.Done)
	}
	s.cfg.Log(fmt.Sprintf("%s goes on behind statement %d of %d", s.f.Path, s.e.Done, len(s.f.Statements)))
	now := newEntry(s.f, Running)
	s.e.Checksum, s.e.Statements, s.e.From, s.e.Plumb = now.Checksum, now.Statements, now.From, now.Plumb
	if s.e.Trace == "" || s.e.Done == len(s.f.Statements) {
		return nil
	}
	return s.uncertain(ctx)
}

// done notes that n statements are done.
func (s *stepping) done(n int) {
	s.e.Done, s.e.DoneChecksum, s.e.Trace, s.e.Took = n, doneChecksum(s.f, n), "", s.took+time.Since(s.began)
	if n == len(s.f.Statements) {
		s.e.State = Applied
	}
}

func (s *stepping) write(ctx context.Context) error {
	if err := s.table.write(ctx, s.conn, s.e); err != nil {
		return fmt.Errorf("cannot enter %s in the log: %w", s.f.Path, err)
	}
	return nil
}

// transactionWords begin the statements that begin or end a transaction. They
// say nothing of the schema, but how the session is led.
var transactionWords = regexp.MustCompile(`(?i)^\s*(begin|start\s+transaction|commit|end|abort|rollback|prepare\s+transaction)\b`)
var backTo = regexp.MustCompile(`(?i)^\s*rollback\s+(work\s+|transaction\s+)?to\b`)

func controls(st history.Statement) bool {
	return transactionWords.MatchString(st.Text) && !backTo.MatchString(st.Text)
}

func controlsItself(f *history.File) bool { return slices.ContainsFunc(f.Statements, controls) }

// next runs the next statement.
func (s *stepping) next(ctx context.Context) error {
	st := s.f.Statements[s.e.Done]
	before := s.e
	if s.conn.PgConn().TxStatus() != 'I' || controls(st) {
		return s.inOwn(ctx, st)
	}
	return s.retry(ctx, fmt.Sprintf("%s:%d", s.f.Path, st.Line), func() error {
		s.e = before
		err := s.together(ctx, st)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && cannotBeInside(pg) {
			s.e = before
			err = s.alone(ctx, st)
		}
		return err
	})
}

// The server's codes for what no transaction block can hold: CREATE INDEX
// CONCURRENTLY and the like, procedures that commit, and the use of a label that
// the transaction has added to an enum.
const (
	noTransaction  = "25001"
	noCommitInside = "2D000"
	unsafeLabel    = "55P04"
)

// together commits a statement and its count in the log as one.
func (s *stepping) together(ctx context.Context, st history.Statement) error {
	if err := s.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	s.done(s.e.Done + 1)
	if err := s.write(ctx); err != nil {
		return s.rollback(ctx, err)
	}
	if err := s.statement(ctx, s.f, st); err != nil {
		return s.rollback(ctx, err)
	}
	return s.commit(ctx, s.f)
}

// inOwn runs a statement of a transaction that the file itself has begun. Its
// count is part of that transaction, so that both are committed or neither.
func (s *stepping) inOwn(ctx context.Context, st history.Statement) error {
	inside := s.conn.PgConn().TxStatus() == 'T'
	s.done(s.e.Done + 1)
	if inside {
		if err := s.write(ctx); err != nil {
			return s.rollback(ctx, err)
		}
	}
	if err := s.statement(ctx, s.f, st); err != nil {
		return s.rollback(ctx, err)
	}
	switch {
	case s.conn.PgConn().TxStatus() == 'I':
		return s.write(ctx)
	case s.e.State == Applied:
		return s.rollback(ctx, fmt.Errorf("cannot apply %s: it begins a transaction and does not end it; add COMMIT at its end", s.f.Path))
	}
	return nil
}
