package desired

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// The server itself keeps a session that reads from writing.
func TestConnectCannotWrite(t *testing.T) {
	f := newFixture(t, "")
	ctx := context.Background()
	if err := f.b.start(ctx); err != nil {
		t.Fatal(err)
	}
	db, err := f.b.server.Create(ctx, devserver.Locale{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := Connect(ctx, State{Name: "live", URL: db.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{"CREATE TABLE t (id integer)", "COMMENT ON SCHEMA public IS ''", "CREATE ROLE plumb_test_writer"} {
		_, err := conn.Exec(ctx, sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "25006" {
			t.Errorf("%s: %v; want that the transaction is read-only", sql, err)
		}
	}
}
