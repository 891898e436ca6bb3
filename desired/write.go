package desired

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// ConnectToWrite connects to a live database that is to be changed; it is seen
// there under a name of its own.
func ConnectToWrite(ctx context.Context, s State, name string) (*pgx.Conn, error) {
	cfg, err := liveConfig(s)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["application_name"] = name
	// Ctrl-C asks the server to end the statement, and waits for its answer.
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 5 * time.Second}
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to %s: %w; check the address, and that the server accepts you", s.Name, err)
	}
	return conn, nil
}
