package devserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// startBeside uses the server of --dev-url. Nothing there is touched but databases that plumb creates:
// the database that the URL names serves to connect and to read the shared catalogs.
func (s *Server) startBeside(ctx context.Context) error {
	base, err := pgx.ParseConfig(s.cfg.URL)
	if err != nil {
		return parseError(err)
	}
	base.RuntimeParams["application_name"] = "plumb"
	s.base = base
	s.url = func(database string) string { return withDatabase(s.cfg.URL, database) }
	s.comment = newMark().String()
	where := fmt.Sprintf("the dev server at %s:%d", base.Host, base.Port)
	err = s.do(ctx, func(conn *pgx.Conn) error {
		s.major = majorOf(conn)
		if err := mayWork(ctx, conn); err != nil {
			return err
		}
		if err := s.sweep(ctx, conn); err != nil {
			return err
		}
		s.others, err = globals(ctx, conn)
		return err
	})
	if err != nil {
		return fmt.Errorf("cannot use %s: %w", where, err)
	}
	return nil
}

// parseError says what is wrong with --dev-url without any of its text, which may hold a password.
func parseError(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("cannot read a file that --dev-url names: %w", path)
	}
	return errors.New("cannot read --dev-url: it is neither a URL like postgres://user@host:5432/database " +
		"nor a list like host=… dbname=…; a password in a URL must be percent-encoded")
}

// withDatabase is the connection string with another database in it.
func withDatabase(dsn, database string) string {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return strings.TrimSpace(dsn + " dbname=" + database) // the last one counts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return ""
	}
	query := u.Query()
	query.Del("dbname")
	query.Del("database")
	u.Path, u.RawPath, u.RawQuery = "/"+database, "", query.Encode()
	return u.String()
}

// mayWork tells whether databases can be created on the server, and what to do where they cannot.
func mayWork(ctx context.Context, conn *pgx.Conn) error {
	major := majorOf(conn)
	if major < oldest {
		return fmt.Errorf("it is PostgreSQL %d, and plumb needs %d or later", major, oldest)
	}
	var recovering, allowed bool
	var role string
	err := conn.QueryRow(ctx, `SELECT pg_catalog.pg_is_in_recovery(), rolcreatedb OR rolsuper, pg_catalog.quote_ident(rolname)
		FROM pg_catalog.pg_roles WHERE rolname = current_user`).Scan(&recovering, &allowed, &role)
	switch {
	case err != nil:
		return err
	case recovering:
		return errors.New("it is a standby, where nothing can be created; name its primary, or another server")
	case !allowed:
		return fmt.Errorf("role %s may not create databases; let a superuser run there: ALTER ROLE %[1]s CREATEDB", role)
	}
	return nil
}

// globals names what a server has outside of databases, plumb's own databases left out.
func globals(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	return names(ctx, conn, `
		SELECT 'role ' || pg_catalog.quote_ident(rolname) AS name FROM pg_catalog.pg_roles
		UNION ALL SELECT 'tablespace ' || pg_catalog.quote_ident(spcname) FROM pg_catalog.pg_tablespace
		UNION ALL SELECT 'database ' || pg_catalog.quote_ident(datname) FROM pg_catalog.pg_database WHERE datname NOT LIKE 'plumb\_%'
		ORDER BY name`)
}

// reportGlobals tells what appeared on a shared server outside of our databases while we used it:
// CREATE ROLE in a migration, say. It is not ours to drop.
func (s *Server) reportGlobals(ctx context.Context) error {
	return s.do(ctx, func(conn *pgx.Conn) error {
		now, err := globals(ctx, conn)
		if err != nil {
			return err
		}
		for _, name := range now {
			if !slices.Contains(s.others, name) {
				s.cfg.log("%s is new on the dev server and stays there: what is not in a database cannot be thrown away with it", name)
			}
		}
		return nil
	})
}

// A mark is the comment on a database that plumb made on a server of somebody else's. It tells whose
// the database is, so that a later run knows one that a killed run left.
type mark struct {
	pid   int
	host  string
	start time.Time
}

func newMark() mark { return mark{os.Getpid(), thisHost(), time.Now()} }

const markFormat = "plumb dev database: pid=%d host=%q start=%d"

func (m mark) String() string { return fmt.Sprintf(markFormat, m.pid, m.host, m.start.Unix()) }

func parseMark(comment string) (mark, bool) {
	var m mark
	var start int64
	n, err := fmt.Sscanf(comment, markFormat, &m.pid, &m.host, &start)
	m.start = time.Unix(start, 0)
	return m, err == nil && n == 3
}

// orphaned tells whether the database's run is over: its process on this machine is gone, or it is a
// day old, which no run lives.
func (m mark) orphaned() bool {
	return m.host == thisHost() && !processLives(m.pid) || time.Since(m.start) > 24*time.Hour
}

// thisHost is the name of the space in which a pid means something.
func thisHost() string {
	host, _ := os.Hostname()
	space, _ := os.Readlink("/proc/self/ns/pid") // containers may share a name
	return host + space
}

// sweep drops the databases that killed runs left: those with our prefix and our mark, that nobody uses.
func (s *Server) sweep(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `SELECT datname, coalesce(pg_catalog.shobj_description(oid, 'pg_database'), '')
		FROM pg_catalog.pg_database WHERE datname LIKE 'plumb\_dev\_%' AND pg_catalog.pg_has_role(datdba, 'MEMBER')`)
	if err != nil {
		return err
	}
	var name, comment string
	var orphans []string
	_, err = pgx.ForEachRow(rows, []any{&name, &comment}, func() error {
		if m, ok := parseMark(comment); ok && m.orphaned() {
			orphans = append(orphans, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range orphans {
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)); err == nil {
			s.cfg.log("dropped database %s, which a plumb that was killed had left on the dev server", name)
		}
	}
	return nil
}
