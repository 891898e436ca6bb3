package catalog

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/schema"
)

// An Address is how pg_depend names an object: the catalog, the number in it,
// and the column. It means something in its own database only.
type Address struct {
	Class, Object uint32
	Sub           int32
}

// ParseAddress reads an address from three numbers.
func ParseAddress(class, object, sub string) Address {
	n, _ := strconv.ParseInt(sub, 10, 32)
	return Address{parseUint([]byte(class)), parseUint([]byte(object)), int32(n)}
}

// ReadAddresses reads the objects of a database that nobody else changes, with
// their addresses. What hangs on another object has that one's.
func ReadAddresses(ctx context.Context, conn *pgconn.PgConn, kinds schema.Kinds) (map[schema.ID]Address, error) {
	version, err := serverVersion(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("cannot read the addresses of objects: %w", err)
	}
	kinds = queried(kinds)
	if err := conn.Exec(ctx, begin).Close(); err != nil {
		return nil, fmt.Errorf("cannot read the addresses of objects: %w", err)
	}
	results, err := run(ctx, conn, queries(kinds, version))
	if rerr := conn.Exec(ctx, "ROLLBACK").Close(); err == nil {
		err = rerr
	}
	if err != nil {
		return nil, readError(kinds, err)
	}
	b := newBuilder(kinds, version)
	b.addresses = map[schema.ID]Address{}
	return b.addresses, b.build(results[2:])
}
