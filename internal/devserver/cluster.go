package devserver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// A cluster is a private server: its process, and the slot in which it runs.
type cluster struct {
	slot    *slot
	at      listener
	process *process
	spares  *spares
}

// A listener is where a private server accepts connections.
type listener struct {
	host     string // a folder of mode 0700, or an address on Windows
	port     int
	password string   // only where others could reach the port
	settings []string // makes the server listen there
}

func (l listener) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database}
	if l.password != "" {
		u.User = url.UserPassword(superuser, l.password)
	}
	u.RawQuery = url.Values{"host": {l.host}, "port": {strconv.Itoa(l.port)}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// config ignores the user's PG* variables, which speak of other servers.
func (l listener) config() (*pgx.ConnConfig, error) {
	c, err := pgx.ParseConfig(l.url(superuser))
	if err != nil {
		return nil, err
	}
	c.TLSConfig, c.Fallbacks, c.ValidateConnect = nil, nil, nil
	c.Password, c.RuntimeParams = l.password, map[string]string{}
	return c, nil
}

// startCluster takes a slot and starts its server. A slot whose cluster does not start, or which an
// earlier run left in a state that cannot be cleaned, is made anew once.
func (s *Server) startCluster(ctx context.Context) error {
	b, err := s.cfg.binaries(ctx)
	if err != nil {
		return fmt.Errorf("cannot start a throw-away PostgreSQL: %w", err)
	}
	slot, err := takeSlot(b)
	if err != nil {
		return fmt.Errorf("cannot start a throw-away PostgreSQL: %w", err)
	}
	kept := slot.usable()
	err = s.run(ctx, b, slot)
	if err != nil && kept && ctx.Err() == nil {
		if err = slot.discard(); err == nil {
			err = s.run(ctx, b, slot)
		}
	}
	if err != nil {
		return fmt.Errorf("cannot start a throw-away PostgreSQL %s: %w", b.Version, errors.Join(err, slot.release()))
	}
	return nil
}

// run starts the slot's server and leaves s connected to a pristine cluster, or leaves nothing running.
func (s *Server) run(ctx context.Context, b Binaries, slot *slot) error {
	if err := slot.prepare(ctx, b); err != nil {
		return err
	}
	at, err := listen(slot)
	if err != nil {
		return err
	}
	c := &cluster{slot: slot, at: at}
	if c.process, err = startServer(b, slot, at); err != nil {
		return err
	}
	if s.base, err = at.config(); err == nil {
		s.admin, err = c.connect(ctx, s.base)
	}
	if err == nil {
		err = slot.clean(ctx, s.admin)
	}
	if err == nil {
		var found []string
		found, err = names(ctx, s.admin, "SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE '"+sparePattern+"'")
		c.spares = newSpares(found)
	}
	if err != nil {
		if s.admin != nil {
			s.admin.Close(ctx)
			s.admin = nil
		}
		return errors.Join(err, c.halt())
	}
	s.cluster, s.major, s.url = c, b.Major, at.url
	return nil
}

// startTimeout is far more than a start takes on a busy machine, recovery included.
const startTimeout = time.Minute

// connect returns the first connection that the server accepts.
func (c *cluster) connect(ctx context.Context, cfg *pgx.ConnConfig) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		conn, err := pgx.ConnectConfig(ctx, cfg.Copy())
		if err == nil {
			return conn, nil
		}
		select {
		case <-c.process.done:
			log, _ := os.ReadFile(c.slot.log())
			return nil, fmt.Errorf("the server stopped: %w\n%s", c.process.err, tail(log))
		case <-ctx.Done():
			return nil, fmt.Errorf("the server accepts no connection: %w", errors.Join(ctx.Err(), err))
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (c *cluster) alive() bool {
	select {
	case <-c.process.done:
		return false
	default:
		return true
	}
}

// halt stops the server at once: it has nothing to save.
func (c *cluster) halt() error {
	err := c.process.stop()
	return errors.Join(err, removeSocket(c.slot))
}

func (c *cluster) stop() error {
	if c.slot == nil {
		return nil
	}
	c.spares.work.Wait()
	err := errors.Join(c.halt(), c.slot.release())
	c.slot = nil
	if err != nil {
		return fmt.Errorf("cannot stop the throw-away PostgreSQL: %w", err)
	}
	return nil
}

// startServer starts the server's process; its messages go to the slot's log.
func startServer(b Binaries, slot *slot, at listener) (*process, error) {
	log, err := os.Create(slot.log())
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(b.program("postgres"), arguments(b, slot.data(), at)...)
	cmd.Dir, cmd.Env, cmd.Stderr = slot.dir, environment(), log
	return startProcess(cmd, slot)
}

// socketRecord remembers the folder of the slot's socket, so that the next run can remove what a killed
// one left.
func (s *slot) socketRecord() string { return filepath.Join(s.dir, "socket") }
