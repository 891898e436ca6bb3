package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/user"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/history"
)

// Table is the name of the log, in a schema of the project's choice.
const Table = "migrations_log"

// State says how far a file of the log is.
type State string

// The states, as the log has them.
const (
	Applied  State = "applied"  // plumb ran it
	Baseline State = "baseline" // it was taken to be there already
	Running  State = "running"  // it was begun outside of a transaction, and is not at its end
)

// An Entry is what the log says of one file.
type Entry struct {
	Number     string
	Phase      string
	Name       string // the path in the history: mvp.1/005_add_units.sql
	State      State
	Began      time.Time
	Took       time.Duration
	By         string // the role
	From       string // who ran plumb, and where
	Done       int    // statements
	Statements int
	Checksum   string // of the whole file
	// DoneChecksum is of the statements that are done. Trace is what the catalogs
	// looked like before a statement that was begun outside of any transaction and
	// may or may not have come to its end.
	DoneChecksum, Trace string
	Plumb               string
}

// A logTable is the log of one database.
type logTable struct{ name string }

func newLogTable(schema string) logTable {
	if schema == "" {
		schema = "public"
	}
	return logTable{pgx.Identifier{schema, Table}.Sanitize()}
}

// create makes the log where there is none. Nobody but its owner sees it or
// writes to it, whatever the default privileges of the database say.
func (t logTable) create(ctx context.Context, conn *pgx.Conn) error {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", t.name).Scan(&there); err != nil || there {
		return err
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, fmt.Sprintf(`CREATE TABLE %s (
    number        text        NOT NULL,
    phase         text        NOT NULL,
    name          text        PRIMARY KEY,
    state         text        NOT NULL CHECK (state IN ('applied', 'baseline', 'running')),
    began_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    took          interval,
    run_by        text        NOT NULL DEFAULT session_user,
    run_from      text        NOT NULL,
    done          integer     NOT NULL,
    statements    integer     NOT NULL,
    checksum      text        NOT NULL,
    done_checksum text        NOT NULL DEFAULT '',
    trace         text        NOT NULL DEFAULT '',
    plumb         text        NOT NULL
)`, t.name)); err != nil {
		return err
	}
	comment := "The migrations that plumb has applied to this database. Files run in a transaction have their row from the same one."
	if _, err := tx.Exec(ctx, "COMMENT ON TABLE "+t.name+" IS '"+comment+"'"); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT DISTINCT CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantee)) END
		FROM pg_catalog.pg_class c CROSS JOIN pg_catalog.aclexplode(c.relacl) e WHERE c.oid = pg_catalog.to_regclass($1) AND e.grantee <> c.relowner`, t.name)
	if err != nil {
		return err
	}
	grantees, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, g := range grantees {
		if _, err := tx.Exec(ctx, "REVOKE ALL ON "+t.name+" FROM "+g); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// read returns the entries by name; there is false where the database has no log.
func (t logTable) read(ctx context.Context, conn *pgx.Conn) (entries map[string]Entry, there bool, err error) {
	if err := conn.QueryRow(ctx, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", t.name).Scan(&there); err != nil || !there {
		return nil, there, err
	}
	rows, err := conn.Query(ctx, `SELECT number, phase, name, state, began_at, coalesce(extract(epoch FROM took), 0)::float8, run_by, run_from,
		done, statements, checksum, done_checksum, trace, plumb FROM `+t.name)
	if err != nil {
		return nil, there, err
	}
	entries = map[string]Entry{}
	var e Entry
	var seconds float64
	_, err = pgx.ForEachRow(rows, []any{&e.Number, &e.Phase, &e.Name, &e.State, &e.Began, &seconds, &e.By, &e.From,
		&e.Done, &e.Statements, &e.Checksum, &e.DoneChecksum, &e.Trace, &e.Plumb}, func() error {
		e.Took = time.Duration(seconds * float64(time.Second))
		entries[e.Name] = e
		return nil
	})
	return entries, there, err
}

// write enters a file, or puts a new entry in the place of its old one.
func (t logTable) write(ctx context.Context, conn *pgx.Conn, e Entry) error {
	_, err := conn.Exec(ctx, `INSERT INTO `+t.name+` (number, phase, name, state, began_at, took, run_from, done, statements, checksum, done_checksum, trace, plumb)
		VALUES ($1, $2, $3, $4, $5, pg_catalog.make_interval(secs => $6), $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (name) DO UPDATE SET state = excluded.state, took = excluded.took, run_by = excluded.run_by, run_from = excluded.run_from, done = excluded.done,
		statements = excluded.statements, checksum = excluded.checksum, done_checksum = excluded.done_checksum, trace = excluded.trace, plumb = excluded.plumb`,
		e.Number, e.Phase, e.Name, e.State, e.Began, e.Took.Seconds(), e.From, e.Done, e.Statements, e.Checksum, e.DoneChecksum, e.Trace, e.Plumb)
	return err
}

// newEntry is the entry of a file of which nothing is done.
func newEntry(f *history.File, state State) Entry {
	return Entry{
		Number: string(f.Number), Phase: f.Phase, Name: f.Path, State: state, Began: time.Now(), From: whoAndWhere(),
		Statements: len(f.Statements), Checksum: checksum(string(f.Bytes())), DoneChecksum: doneChecksum(f, 0), Plumb: version(),
	}
}

// checksum sums up texts. Those of a file have \n between their lines whatever
// git has made of them, so that only a real edit shows.
func checksum(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		fmt.Fprintf(h, "%d:%s", len(t), t)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// doneChecksum is of the first n statements of a file.
func doneChecksum(f *history.File, n int) string {
	var texts []string
	for _, s := range f.Statements[:n] {
		texts = append(texts, s.Text+string(s.Copy))
	}
	return checksum(texts...)
}

// whoAndWhere is the user and the machine, as far as the system says.
func whoAndWhere() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

// version is plumb's own.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
