package devserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// prefix begins the name of every database that plumb makes.
const prefix = "plumb_dev_"

// A Database is a database that plumb created, and therefore may drop.
type Database struct {
	Name   string
	server *Server
}

// Config says how to connect to the database. It is the caller's own copy.
func (d *Database) Config() *pgx.ConnConfig {
	c := d.server.base.Copy()
	c.Database = d.Name
	return c
}

// Connect opens a connection to the database as the user who owns it, on a private cluster a superuser.
func (d *Database) Connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, d.Config())
	if err != nil {
		return nil, fmt.Errorf("cannot connect to throw-away database %s: %w", d.Name, err)
	}
	return conn, nil
}

// URL is the database's address for psql and pg_dump. It holds the password that --dev-url held:
// hand it to programs, print only the name.
func (d *Database) URL() string { return d.server.url(d.Name) }

// Create makes an empty database from template0 in the given locale, or in the nearest that the
// server has.
func (s *Server) Create(ctx context.Context, like Locale) (*Database, error) {
	d := s.newDatabase()
	var err error
	for i, options := range like.attempts(s.major) {
		if err = s.createEmpty(ctx, d, "TEMPLATE template0"+options+s.strategy()); err == nil {
			if i > 0 {
				s.cfg.log("the throw-away PostgreSQL lacks the locale %s: its database has another one", like)
			}
			return d, nil
		}
		if !isLocaleError(err) {
			break
		}
	}
	return nil, fmt.Errorf("cannot create a throw-away database: %w", err)
}

// Clone copies a database with all that is in it but its subscriptions, which belong to the cluster.
// Nobody may be connected to the database meanwhile.
func (s *Server) Clone(ctx context.Context, src *Database) (*Database, error) {
	d := s.newDatabase()
	if err := s.waitUntilFree(ctx, src); err != nil {
		return nil, fmt.Errorf("cannot clone database %s: %w", src.Name, err)
	}
	if err := s.create(ctx, d, "CREATE DATABASE "+quote(d.Name)+" TEMPLATE "+quote(src.Name)+s.strategy()); err != nil {
		return nil, fmt.Errorf("cannot clone database %s: %w", src.Name, err)
	}
	return d, nil
}

// Drop removes the database and whoever is connected to it. To drop it again is not an error.
func (d *Database) Drop(ctx context.Context) error {
	err := d.server.do(ctx, func(conn *pgx.Conn) error { return d.server.drop(ctx, conn, d) })
	if err != nil {
		return fmt.Errorf("cannot drop throw-away database %s: %w", d.Name, err)
	}
	return nil
}

func (s *Server) newDatabase() *Database {
	return &Database{Name: prefix + strings.ToLower(rand.Text()[:12]), server: s}
}

// strategy copies files instead of logging every block where that is possible and quicker: on our own
// cluster nothing waits for a disk.
func (s *Server) strategy() string {
	if s.Private() && s.major >= 15 {
		return " STRATEGY file_copy"
	}
	return ""
}

// createEmpty takes the spare with these options where there is one, and sees to it that there will be
// one again.
func (s *Server) createEmpty(ctx context.Context, d *Database, options string) error {
	statement := "CREATE DATABASE " + quote(d.Name) + " " + options
	if s.cluster == nil {
		return s.create(ctx, d, statement)
	}
	if spare := spareName(options); s.cluster.spares.take(ctx, spare) {
		statement = "ALTER DATABASE " + quote(spare) + " RENAME TO " + quote(d.Name)
	}
	err := s.create(ctx, d, statement)
	if err == nil {
		s.cluster.spares.refill(s.base.Copy(), options)
	}
	return err
}

func (s *Server) create(ctx context.Context, d *Database, statement string) error {
	return s.do(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
		s.made[d.Name] = d
		if s.Private() {
			return nil
		}
		_, err := conn.Exec(ctx, "COMMENT ON DATABASE "+quote(d.Name)+" IS "+literal(s.comment))
		if err != nil {
			return errors.Join(err, s.drop(context.WithoutCancel(ctx), conn, d))
		}
		return nil
	})
}

func (s *Server) drop(ctx context.Context, conn *pgx.Conn, d *Database) error {
	if s.made[d.Name] == nil {
		return nil
	}
	if err := dropDatabase(ctx, conn, d.Name); err != nil {
		return err
	}
	delete(s.made, d.Name)
	return nil
}

func (s *Server) dropAll(ctx context.Context) error {
	s.mu.Lock()
	nothing := len(s.made) == 0 || s.cluster != nil && !s.cluster.alive()
	s.mu.Unlock()
	if nothing {
		return nil
	}
	return s.do(ctx, func(conn *pgx.Conn) error {
		var errs []error
		for _, name := range slices.Sorted(maps.Keys(s.made)) {
			if err := s.drop(ctx, conn, s.made[name]); err != nil {
				errs = append(errs, fmt.Errorf("cannot drop throw-away database %s: %w", name, err))
			}
		}
		return errors.Join(errs...)
	})
}

// waitUntilFree gives sessions that have just been closed the moment that they need to go: CREATE
// DATABASE itself would look again only after 100 ms.
func (s *Server) waitUntilFree(ctx context.Context, d *Database) error {
	return s.do(ctx, func(conn *pgx.Conn) error {
		for range 100 {
			var busy bool
			err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE datname = $1)", d.Name).Scan(&busy)
			if err != nil || !busy {
				return err
			}
			time.Sleep(2 * time.Millisecond)
		}
		return nil // somebody is really connected: the server says so better
	})
}

// dropDatabase drops a database that somebody may be using. A subscription would keep it alive: it goes
// first, and leaves alone whatever it subscribed to.
func dropDatabase(ctx context.Context, conn *pgx.Conn, name string) error {
	_, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
	if !hasCode(err, "55006") { // object_in_use
		return err
	}
	if subErr := dropSubscriptions(ctx, conn, name); subErr != nil {
		return errors.Join(err, subErr)
	}
	_, err = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
	return err
}

func dropSubscriptions(ctx context.Context, admin *pgx.Conn, database string) error {
	cfg := admin.Config()
	cfg.Database = database
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT s.subname FROM pg_catalog.pg_subscription s
		JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database()`)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		for _, stmt := range []string{"ALTER SUBSCRIPTION %s DISABLE", "ALTER SUBSCRIPTION %s SET (slot_name = NONE)", "DROP SUBSCRIPTION %s"} {
			if _, err := conn.Exec(ctx, fmt.Sprintf(stmt, quote(name))); err != nil {
				return err
			}
		}
	}
	return nil
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal quotes text for statements that take no parameters.
func literal(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

func hasCode(err error, codes ...string) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	for _, code := range codes {
		if pg.Code == code {
			return true
		}
	}
	return false
}
