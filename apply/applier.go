package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/history"
)

// Config says where files are applied, and how.
type Config struct {
	Database desired.State
	Schema   string // of the log; "" for public
	// LockTimeout is how long a statement waits for a lock before it is tried
	// again, LockWait how long another applier is waited for, and StatementTimeout
	// how long a statement may run; 0 for no limit.
	LockTimeout, LockWait, StatementTimeout time.Duration
	// Log is told, a sentence at a time, what the person should know.
	Log func(string)
}

// An Applier is alone in applying files to a database until it is closed.
type Applier struct {
	cfg   Config
	conn  *pgx.Conn // runs the files, and holds the lock
	watch *pgx.Conn // sees who is in the way, and what has become of conn
	table logTable
	pid   uint32 // of the session of conn
}

// Open connects to a database and takes the lock of the appliers.
func Open(ctx context.Context, cfg Config) (*Applier, error) {
	a := &Applier{cfg: cfg, table: newLogTable(cfg.Schema)}
	if err := a.open(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *Applier) open(ctx context.Context) (err error) {
	if a.watch, err = desired.Connect(ctx, a.cfg.Database); err != nil {
		return err
	}
	if a.conn, err = desired.ConnectToWrite(ctx, a.cfg.Database, "plumb apply"); err != nil {
		return err
	}
	if err := a.begin(ctx); err != nil {
		return err
	}
	if err := a.writable(ctx); err != nil {
		return err
	}
	if err := a.direct(ctx); err != nil {
		return err
	}
	if err := a.lock(ctx); err != nil {
		return err
	}
	return a.sayEventTriggers(ctx)
}

// Close lets the next applier go on.
func (a *Applier) Close() {
	for _, c := range []*pgx.Conn{a.conn, a.watch} {
		if c != nil {
			_ = c.Close(context.Background()) // the server frees the lock with the session
		}
	}
}

// settings are those of the session in which every file begins. A session whose
// client is gone ends at the next check, so that nothing goes on unseen.
const settings = `SET client_encoding = 'UTF8'; SET check_function_bodies = off; SET client_min_messages = warning;
SET default_transaction_read_only = off; SET client_connection_check_interval = '500ms'; SET idle_in_transaction_session_timeout = '10min'`

// begin makes the session as it is at the beginning of a file.
func (a *Applier) begin(ctx context.Context) error {
	if err := a.exec(ctx, settings); err != nil {
		return fmt.Errorf("cannot set up the session in %s: %w", a.cfg.Database.Name, err)
	}
	limits := fmt.Sprintf("SET lock_timeout = %d; SET statement_timeout = %d", a.cfg.LockTimeout.Milliseconds(), a.cfg.StatementTimeout.Milliseconds())
	return a.exec(ctx, limits)
}

// again ends what a file has done to the session, but for the lock, which
// DISCARD ALL would free.
func (a *Applier) again(ctx context.Context) error {
	if err := a.exec(ctx, "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD PLANS; DISCARD TEMP"); err != nil {
		return fmt.Errorf("cannot reset the session: %w", err)
	}
	if err := a.begin(ctx); err != nil {
		return err
	}
	return a.locked(ctx)
}

// exec runs statements as one, by the simple protocol.
func (a *Applier) exec(ctx context.Context, sql string) error {
	return a.conn.PgConn().Exec(ctx, sql).Close()
}

// writable refuses a server that takes no changes.
func (a *Applier) writable(ctx context.Context) error {
	var standby, readOnly bool
	const query = "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')::pg_catalog.bool"
	if err := a.conn.QueryRow(ctx, query).Scan(&standby, &readOnly); err != nil {
		return err
	}
	switch {
	case standby:
		return fmt.Errorf("cannot apply anything to %s: it is a standby; name its primary", a.cfg.Database.Name)
	case readOnly:
		return fmt.Errorf("cannot apply anything to %s: the server lets nobody write", a.cfg.Database.Name)
	}
	return nil
}

// direct refuses a pooler that gives each transaction another session: the lock
// would stay behind in one of them.
func (a *Applier) direct(ctx context.Context) error {
	const query = "SELECT pg_catalog.pg_backend_pid()"
	var after uint32
	if err := a.conn.QueryRow(ctx, query).Scan(&a.pid); err != nil {
		return err
	}
	tx, err := a.watch.Begin(ctx) // a pooler has to find another session for one of the two
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, query); err != nil {
		return err
	}
	if err := a.conn.QueryRow(ctx, query).Scan(&after); err != nil {
		return err
	}
	if a.pid != after {
		return fmt.Errorf("cannot apply anything through %s: a pooler gives every transaction another session; name the server itself, or the pooler's address for sessions", a.cfg.Database.Name)
	}
	return nil
}

// sayEventTriggers names the event triggers that take part in every statement.
func (a *Applier) sayEventTriggers(ctx context.Context) error {
	rows, err := a.watch.Query(ctx, "SELECT evtname::pg_catalog.text FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' ORDER BY 1")
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, n := range names {
		a.cfg.Log(fmt.Sprintf("event trigger %q is enabled there: it takes part in what is run", n))
	}
	return err
}

// Status is how the database stands to a history.
func (a *Applier) Status(ctx context.Context, h *history.History) (Status, error) {
	return readStatus(ctx, a.conn, a.table, h)
}

func readStatus(ctx context.Context, conn *pgx.Conn, table logTable, h *history.History) (Status, error) {
	entries, there, err := table.read(ctx, conn)
	if err != nil {
		return Status{}, fmt.Errorf("cannot read %s: %w", table.name, err)
	}
	if !there {
		return newStatus(h, "", nil), nil
	}
	return newStatus(h, table.name, entries), nil
}

// ReadStatus is how a live database stands to a history. The database is only
// read.
func ReadStatus(ctx context.Context, s desired.State, schema string, h *history.History) (Status, error) {
	conn, err := desired.Connect(ctx, s)
	if err != nil {
		return Status{}, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return readStatus(ctx, conn, newLogTable(schema), h)
}

// Mark enters files as applied without running them.
func (a *Applier) Mark(ctx context.Context, files []*history.File) error {
	if err := a.table.create(ctx, a.conn); err != nil {
		return fmt.Errorf("cannot make %s: %w", a.table.name, err)
	}
	return pgx.BeginFunc(ctx, a.conn, func(tx pgx.Tx) error {
		var errs []error
		for _, f := range files {
			e := newEntry(f, Baseline)
			e.Done, e.DoneChecksum = len(f.Statements), doneChecksum(f, len(f.Statements))
			errs = append(errs, a.table.write(ctx, tx.Conn(), e))
		}
		return errors.Join(errs...)
	})
}
