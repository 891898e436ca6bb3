package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
)

// Run applies files in order and stops at the first that fails. done is told
// of each when it is in the log.
func (a *Applier) Run(ctx context.Context, files []FileStatus, done func(Entry)) error {
	if err := a.table.create(ctx, a.conn); err != nil {
		return fmt.Errorf("cannot make %s: %w", a.table.name, err)
	}
	for i, f := range files {
		if i > 0 {
			if err := a.again(ctx); err != nil {
				return err
			}
		}
		e, err := a.file(ctx, f)
		if err != nil {
			return err
		}
		done(e)
	}
	return nil
}

// file applies one file. One that opens or ends transactions by itself is run
// statement by statement, as psql would, and so is one that no transaction can
// hold, unless it asks for one.
func (a *Applier) file(ctx context.Context, f FileStatus) (Entry, error) {
	if f.What == Halfway || f.File.TxMode == history.TxNone || controlsItself(f.File) {
		return a.steps(ctx, f)
	}
	e, err := a.whole(ctx, f.File)
	var failed *desired.StatementError
	if f.File.TxMode != "" || !errors.As(err, &failed) || !cannotBeInside(failed.Server) {
		return e, err
	}
	a.cfg.Log(fmt.Sprintf("%s is run statement by statement: no transaction can hold line %d", f.File.Path, failed.Statement.Line))
	return a.steps(ctx, f)
}

// cannotBeInside reports whether the server refused a statement only because of
// the transaction around it.
func cannotBeInside(err *pgconn.PgError) bool {
	return slices.Contains([]string{noTransaction, noCommitInside, unsafeLabel}, err.Code)
}

// whole applies a file in one transaction, with its entry in the log.
func (a *Applier) whole(ctx context.Context, f *history.File) (e Entry, err error) {
	err = a.retry(ctx, f.Path, func() error {
		e = newEntry(f, Applied)
		e.Done, e.DoneChecksum = len(f.Statements), doneChecksum(f, len(f.Statements))
		if err := a.exec(ctx, "BEGIN"); err != nil {
			return err
		}
		for _, st := range f.Statements {
			if err := a.statement(ctx, f, st); err != nil {
				return a.rollback(ctx, err)
			}
		}
		e.Took = time.Since(e.Began)
		if err := a.table.write(ctx, a.conn, e); err != nil {
			return a.rollback(ctx, fmt.Errorf("cannot enter %s in the log: %w", f.Path, err))
		}
		return a.commit(ctx, f)
	})
	return e, err
}

// statement runs one statement and says where it stands if it fails.
func (a *Applier) statement(ctx context.Context, f *history.File, st history.Statement) error {
	stop := a.watchBlockers(ctx)
	err := desired.RunStatement(ctx, a.conn.PgConn(), st)
	blockers := stop()
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if err != nil {
			return fmt.Errorf("cannot apply %s:%d: %w", f.Path, st.Line, err)
		}
		return nil
	}
	failed := &desired.StatementError{Verb: "apply", Path: f.Path, Statement: st, Server: pg}
	if pg.Code == lockNotAvailable {
		return &lockError{failed, blockers}
	}
	return failed
}

// rollback ends the transaction that failed. If even that cannot be done the
// connection is gone, and the server rolls back.
func (a *Applier) rollback(ctx context.Context, failure error) error {
	_ = a.exec(context.WithoutCancel(ctx), "ROLLBACK")
	return failure
}

// commit commits the transaction of a file. Where the answer is lost, the log is
// asked what became of it.
func (a *Applier) commit(ctx context.Context, f *history.File) error {
	err := a.exec(ctx, "COMMIT")
	var pg *pgconn.PgError
	if err == nil || errors.As(err, &pg) && pg.Severity != "FATAL" {
		if err != nil {
			return &desired.StatementError{Verb: "commit", Path: f.Path, Statement: f.Statements[len(f.Statements)-1], Server: pg}
		}
		return nil
	}
	became := "what became of it cannot be asked; plumb status tells when the server is there again"
	if committed, aerr := a.committed(context.WithoutCancel(ctx), f); aerr == nil && committed {
		became = "the server has committed it; run plumb apply again for the rest"
	} else if aerr == nil {
		became = "the server has rolled it back; run plumb apply again"
	}
	return fmt.Errorf("lost the connection while %s was committed: %w; %s", f.Path, err, became)
}

// committed asks the log on a new connection, once the lost session has ended.
func (a *Applier) committed(ctx context.Context, f *history.File) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := desired.Connect(ctx, a.cfg.Database)
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for there := true; there; {
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE pid = $1)", int32(a.pid)).Scan(&there); err != nil {
			return false, err
		}
		if there {
			time.Sleep(shortPoll)
		}
	}
	entries, _, err := a.table.read(ctx, conn)
	return entries[f.Path].State == Applied, err
}
