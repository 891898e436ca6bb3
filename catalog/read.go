package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/schema"
)

// tries is how often a reading is begun again when the schema changes meanwhile.
const tries = 3

// Read reads the database that conn is connected to. The number of round trips
// does not depend on the number of objects. A schema that is changed while it
// is read is read again, three times at most; then that is the error.
//
// Further connections to the same database share the work: they see the same
// snapshot. One that cannot (behind some poolers) is not used.
func Read(ctx context.Context, conn *pgconn.PgConn, kinds schema.Kinds, more ...*pgconn.PgConn) (*schema.Snapshot, error) {
	version, err := serverVersion(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("cannot read the database: %w", err)
	}
	kinds = queried(kinds)
	if version < 140000 {
		return nil, fmt.Errorf("cannot read the database: it is PostgreSQL %d, and plumb reads 14 and later", version/10000)
	}
	for range tries {
		var snap *schema.Snapshot
		snap, err = readOnce(ctx, conn, kinds, version, more)
		if err == nil || !errors.Is(err, errTorn) {
			return snap, err
		}
	}
	return nil, fmt.Errorf("cannot read the database: %w, %d times in a row; try again when nobody runs DDL on it", err, tries)
}

// queried lists the kinds that have a query.
func queried(kinds schema.Kinds) schema.Kinds {
	return slices.DeleteFunc(slices.Clone(kinds), func(k *schema.Kind) bool { return k.Query == "" })
}

// ReadWithin reads the database, rows of seeds included, as the transaction that conn is in sees it,
// what it has changed itself included. The transaction goes on, with the
// settings of a reading.
func ReadWithin(ctx context.Context, conn *pgconn.PgConn, kinds schema.Kinds, seeds []Seed) (*schema.Snapshot, error) {
	if err := conn.Exec(ctx, settings).Close(); err != nil {
		return nil, fmt.Errorf("cannot read the database: %w", err)
	}
	res, err := run(ctx, conn, []string{versionQuery})
	if err != nil {
		return nil, fmt.Errorf("cannot read the database: %w", err)
	}
	number, err := strconv.Atoi(string(res[0].rows[0][0]))
	if err != nil {
		return nil, fmt.Errorf("cannot read the database: %w", err)
	}
	kinds = queried(kinds)
	results, err := run(ctx, conn, queries(kinds, number))
	if err != nil {
		return nil, readError(kinds, err)
	}
	b := newBuilder(kinds, number)
	if err := b.build(results[2:]); err != nil {
		return nil, fmt.Errorf("cannot read the database: %w", err)
	}
	unknown := b.sweep(results[1])
	if len(unknown) > 0 {
		res, err := run(ctx, conn, []string{description(unknown)})
		if err != nil {
			return nil, fmt.Errorf("cannot read the database: %w", err)
		}
		b.snap.NotExamined = firstColumn(res[0])
	}
	return b.snap, rowsWithin(ctx, conn, seeds, b.snap)
}

// readOnce reads one snapshot, or fails with errTorn if the schema changed.
func readOnce(ctx context.Context, conn *pgconn.PgConn, kinds schema.Kinds, version int, more []*pgconn.PgConn) (*schema.Snapshot, error) {
	if err := conn.Exec(ctx, begin).Close(); err != nil {
		return nil, fmt.Errorf("cannot read the database: %w", err)
	}
	joined, err := join(ctx, conn, more)
	if err != nil {
		return nil, fmt.Errorf("cannot read the database: %w", err)
	}
	results, err := share(ctx, append([]*pgconn.PgConn{conn}, joined...), queries(kinds, version))
	for _, c := range append(joined, conn) {
		if rerr := c.Exec(ctx, "ROLLBACK").Close(); err == nil && rerr != nil {
			err = rerr
		}
	}
	if err != nil {
		switch {
		case conflict(err):
			return nil, fmt.Errorf("%w: %w", errTorn, err)
		case torn(err) && unchanged(ctx, conn, results) != nil:
			return nil, errTorn
		case conn.IsClosed():
			return nil, fmt.Errorf("cannot read the database: the connection was lost meanwhile: %w; try again", err)
		}
		return nil, readError(kinds, err)
	}
	// Whether all that was printed is of one moment is asked while it is put together.
	still := make(chan error, 1)
	go func() { still <- unchanged(ctx, conn, results) }()
	b := newBuilder(kinds, version)
	err = b.build(results[2:])
	if moved := <-still; moved != nil {
		err = moved
	}
	if unknown := b.sweep(results[1]); err == nil && len(unknown) > 0 {
		var res []result
		if res, err = peek(ctx, conn, description(unknown)); err == nil {
			b.snap.NotExamined = firstColumn(res[0])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the database: %w", err)
	}
	return b.snap, nil
}

// unchanged is nil if the schema is the one of the reading's first result, and
// errTorn if it is another one.
func unchanged(ctx context.Context, conn *pgconn.PgConn, results []result) error {
	after, err := peek(ctx, conn, fingerprint)
	if err != nil {
		return err
	}
	if len(results) == 0 || len(results[0].rows) == 0 || string(after[0].rows[0][0]) != string(results[0].rows[0][0]) {
		return errTorn
	}
	return nil
}

// queries lists what one reading asks, in order: the fingerprint, what there
// is, each kind, the dependencies.
func queries(kinds schema.Kinds, version int) []string {
	out := []string{fingerprint, forMajor(everything, version/10000)}
	for _, k := range kinds {
		out = append(out, wrap(k, version/10000))
	}
	out = append(out, dependencies)
	for _, k := range kinds {
		if k.Depends != "" {
			out = append(out, forMajor(k.Depends, version/10000))
		}
	}
	return out
}

// readError names the kind whose query failed, and what helps.
func readError(kinds schema.Kinds, err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "55P03":
			return fmt.Errorf("cannot read the database: somebody's DDL holds a lock: %w; try again when it is done", err)
		case "57014":
			return fmt.Errorf("cannot read the database: the server stopped the reading: %w", err)
		}
	}
	var bad badQuery
	if errors.As(err, &bad) && bad.index >= 2 && bad.index < len(kinds)+2 {
		return fmt.Errorf("cannot read the objects of kind %s: %w", kinds[bad.index-2].Name, err)
	}
	return fmt.Errorf("cannot read the database: %w", err)
}

func parseUint(b []byte) uint32 {
	n, _ := strconv.ParseUint(string(b), 10, 32)
	return uint32(n)
}
