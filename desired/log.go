package desired

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/profile"
	"github.com/tvl-platform/plumb/schema"
)

// A Log is what a database itself says of the migrations that it has seen.
type Log struct {
	Table   string          // where it is kept
	Applied map[string]bool // paths of the files of the history that were applied
	Pending []string        // paths of those that were not, in the order of replay
	Unknown []string        // what was applied and is no file of the history
}

// logColumns says how tools keep their logs: a table is read by the first of
// these whose columns it has. The query returns what was applied, one a row.
var logColumns = []struct {
	columns []string
	query   string
	newest  bool // the table holds the newest version only
}{
	{[]string{"name", "state", "done_checksum"}, "SELECT name FROM %s WHERE state OPERATOR(pg_catalog.<>) 'running'", false},                             // plumb
	{[]string{"version", "dirty"}, "SELECT version::pg_catalog.text FROM %s WHERE NOT dirty", true},                                                      // golang-migrate
	{[]string{"version", "applied", "total"}, "SELECT version::pg_catalog.text FROM %s WHERE applied OPERATOR(pg_catalog.=) total", false},               // Atlas
	{[]string{"version_id", "is_applied"}, "SELECT version_id::pg_catalog.text FROM %s WHERE is_applied AND version_id OPERATOR(pg_catalog.>) 0", false}, // goose
	{[]string{"migration_name", "finished_at"}, "SELECT migration_name FROM %s WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL", false},         // Prisma
	{[]string{"version"}, "SELECT version::pg_catalog.text FROM %s", false},                                                                              // Supabase, Rails, dbmate
	{[]string{"filename"}, "SELECT filename::pg_catalog.text FROM %s", false},
	{[]string{"file"}, "SELECT file::pg_catalog.text FROM %s", false},
	{[]string{"migration"}, "SELECT migration::pg_catalog.text FROM %s", false},
	{[]string{"name"}, "SELECT name::pg_catalog.text FROM %s", false},
}

// A LogRecord is a log as it stands in the database, before it is held against
// a history; a snapshot file keeps it.
type LogRecord struct {
	Table   string   `json:"table"`
	Entries []string `json:"entries"`
	Newest  bool     `json:"newest,omitempty"` // the newest version stands for all before it
}

// ReadLog finds the log of applied migrations in a live database and holds it
// against a history. It returns nil where the database keeps none.
func ReadLog(ctx context.Context, s State, snap *schema.Snapshot, h *history.History) (*Log, error) {
	r, err := readLogRecord(ctx, s, snap)
	if err != nil || r == nil {
		return nil, err
	}
	return r.Match(h)
}

// A LogError says why the server would not show a log.
type LogError struct{ Table, Reason string }

func (e *LogError) Error() string {
	return fmt.Sprintf("cannot read %s, so migrations that are pending look like drift: %s", e.Table, e.Reason)
}

// readLogRecord reads the log of applied migrations; nil where there is none.
func readLogRecord(ctx context.Context, s State, snap *schema.Snapshot) (*LogRecord, error) {
	for _, o := range snap.Sorted() {
		if o.ID.Kind != "table" || !isLog(o.ID) || ofPlatform(snap, o) {
			continue
		}
		for _, l := range logColumns {
			if !hasColumns(snap, o.ID, l.columns) {
				continue
			}
			entries, err := applied(ctx, s, fmt.Sprintf(l.query, o.ID.Name))
			var pg *pgconn.PgError
			if errors.As(err, &pg) {
				return nil, &LogError{o.ID.Name, pg.Message}
			}
			if err != nil {
				return nil, err
			}
			return &LogRecord{o.ID.Name, entries, l.newest}, nil
		}
	}
	return nil, nil
}

// Match holds the log against a history.
func (r *LogRecord) Match(h *history.History) (*Log, error) {
	log := matchLog(h, r.Entries, r.Newest)
	if len(log.Applied) == 0 && len(r.Entries) > 0 {
		return nil, fmt.Errorf("%s knows none of these migrations; it is taken for another project's", r.Table)
	}
	log.Table = r.Table
	return log, nil
}

// ofPlatform reports whether a log is that of a platform's own migrations, as
// auth.schema_migrations is on Supabase.
func ofPlatform(snap *schema.Snapshot, log *schema.Object) bool {
	all, err := profile.All()
	if err != nil {
		return false // who uses profiles is told
	}
	in := schemaOf(snap, log)
	return slices.ContainsFunc(all, func(p *profile.Profile) bool {
		missing := func(s string) bool { return snap.Objects[schema.ID{Kind: "schema", Name: s}] == nil }
		return slices.Contains(p.Schemas, in) && !slices.Contains(p.Logs, in) && !slices.ContainsFunc(p.FoundBy.Schemas, missing)
	})
}

func hasColumns(snap *schema.Snapshot, table schema.ID, columns []string) bool {
	for _, c := range columns {
		if snap.Objects[schema.ID{Kind: "column", Name: table.Name + "." + c}] == nil {
			return false
		}
	}
	return true
}

// applied reads a log. The table is somebody else's: it is read in a
// transaction that can write nothing, and where the server knows how, only if
// it is still a table.
func applied(ctx context.Context, s State, query string) ([]string, error) {
	conn, err := Connect(ctx, s)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var out []string
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT set_config('search_path', '', true), set_config(name, 'view, foreign-table', true)
			FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind'`)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return out, err
}

// matchLog finds the files that were applied.
func matchLog(h *history.History, versions []string, newest bool) *Log {
	log := &Log{Applied: map[string]bool{}}
	known := map[string]bool{}
	for _, f := range h.Migrations {
		done := false
		for _, v := range versions {
			if means(f, v) || newest && isNumber(v) && f.Number.Compare(history.Number(v)) <= 0 {
				done = true
				known[v] = known[v] || means(f, v)
			}
		}
		if done {
			log.Applied[f.Path] = true
		} else {
			log.Pending = append(log.Pending, f.Path)
		}
	}
	for _, v := range versions {
		if !known[v] {
			log.Unknown = append(log.Unknown, v)
		}
	}
	slices.Sort(log.Unknown)
	return log
}

// means reports whether a log's entry stands for a file, by any of the names
// that tools write: its path, its name, its number.
func means(f *history.File, entry string) bool {
	entry = strings.TrimPrefix(strings.TrimSuffix(entry, ".sql"), "migrations/")
	name := strings.TrimSuffix(path.Base(f.Path), ".sql")
	switch entry {
	case strings.TrimSuffix(f.Path, ".sql"), name, path.Dir(f.Path), f.Version():
		return true
	}
	return isNumber(entry) && f.Number.Compare(history.Number(entry)) == 0
}

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
