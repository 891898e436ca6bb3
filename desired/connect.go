package desired

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// readOnly is the server's own setting that keeps a session from writing.
const readOnly = "default_transaction_read_only"

// Connect connects to a live database. Nothing but reading is done with it,
// and the server is told so: it refuses to write in this session. Where a
// pooler takes no settings, each transaction says the same by itself.
func Connect(ctx context.Context, s State) (*pgx.Conn, error) {
	cfg, err := liveConfig(s)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams[readOnly] = "on"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if unsupported(err) {
		delete(cfg.RuntimeParams, readOnly)
		conn, err = pgx.ConnectConfig(ctx, cfg)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot connect to %s: %w; check the address, and that the server accepts you", s.Name, err)
	}
	return conn, nil
}

func liveConfig(s State) (*pgx.ConnConfig, error) {
	if s.URL == "" { // which would mean whatever PGHOST says
		return nil, fmt.Errorf("cannot connect to %s: it is no database; name one as postgres://…", s.Name)
	}
	cfg, err := pgx.ParseConfig(s.URL)
	if err != nil {
		return nil, fmt.Errorf("cannot read the address %s: %w", s.Name, err)
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "plumb"
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 15 * time.Second // for each host, where the address says nothing
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec // poolers know no prepared statements
	return cfg, nil
}

// unsupported reports whether a pooler refused a setting: PgBouncer says
// "unsupported startup parameter".
func unsupported(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "08P01"
}
