// Package catalog reads a live database into a schema.Snapshot. It is the only
// reader: every state that plumb compares has come through it.
package catalog

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// begin opens the transaction of one reading: read-only, one snapshot, and
// with every setting pinned that changes how the server prints definitions,
// so that two databases with different settings print alike.
//
// Nothing but SET LOCAL and unnamed statements is used, so that it works on a
// hot standby and behind a transaction pooler. A reading neither waits long
// for somebody's DDL nor runs for long itself.
const begin = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;` + settings

const settings = `
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '2min';
SET LOCAL search_path = '';
SET LOCAL client_encoding = 'UTF8';
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = 'postgres';
SET LOCAL timezone = 'UTC';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 3;
SET LOCAL xmloption = 'content';
SET LOCAL row_security = off;
SET LOCAL enable_nestloop = on;
SET LOCAL jit = off;
SET LOCAL idle_in_transaction_session_timeout = 0;`

// fingerprint sums up the user rows of the catalogs that DDL changes. VACUUM,
// ANALYZE and DML leave it alone.
const fingerprint = `SELECT pg_catalog.sum(pg_catalog.hashint8extended(x, 0))::text || ':' || pg_catalog.count(*)::text FROM (
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_class WHERE (oid >= 16384 OR relacl IS NOT NULL) AND relkind <> 't' UNION ALL
SELECT (attrelid::bigint << 32) + (xmin::text::bigint # (attnum::bigint << 20)) FROM pg_catalog.pg_attribute WHERE attrelid >= 16384 AND attnum > 0 UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_constraint WHERE oid >= 16384 UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_proc WHERE oid >= 16384 UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_type WHERE oid >= 16384 UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_enum UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_rewrite WHERE oid >= 16384 UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_trigger WHERE oid >= 16384 UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_policy UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_attrdef UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_namespace UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_extension UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_statistic_ext UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_publication UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_publication_rel UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_default_acl UNION ALL
SELECT (oid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_event_trigger UNION ALL
SELECT (seqrelid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_sequence UNION ALL
SELECT (indexrelid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_index WHERE indexrelid >= 16384 UNION ALL
SELECT (inhrelid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_inherits UNION ALL
SELECT (objoid::bigint << 32) + xmin::text::bigint FROM pg_catalog.pg_description WHERE objoid >= 16384
) s(x)`

// A result is what one query returned: rows of text, nil for NULL.
type result struct {
	columns []string
	rows    [][][]byte
}

// run sends all queries at once and returns their results in order: one round
// trip, however many there are.
func run(ctx context.Context, conn *pgconn.PgConn, queries []string) ([]result, error) {
	batch := &pgconn.Batch{}
	for _, q := range queries {
		batch.ExecParams(q, nil, nil, nil, nil)
	}
	multi := conn.ExecBatch(ctx, batch)
	var out []result
	for multi.NextResult() {
		reader := multi.ResultReader()
		res := result{}
		for _, f := range reader.FieldDescriptions() {
			res.columns = append(res.columns, f.Name)
		}
		for reader.NextRow() {
			res.rows = append(res.rows, cloneRow(reader.Values()))
		}
		if _, err := reader.Close(); err != nil {
			_ = multi.Close()
			return nil, queryError(err, len(out))
		}
		out = append(out, res)
	}
	if err := multi.Close(); err != nil {
		return nil, queryError(err, len(out))
	}
	return out, nil
}

// peek runs queries in a transaction of their own that can write nothing.
func peek(ctx context.Context, conn *pgconn.PgConn, queries ...string) ([]result, error) {
	script := slices.Concat([]string{"BEGIN READ ONLY"}, queries, []string{"COMMIT"})
	res, err := run(ctx, conn, script)
	if err != nil {
		_ = conn.Exec(ctx, "ROLLBACK").Close() // the first error is the one to report
		return nil, err
	}
	return res[1 : len(res)-1], nil
}

// A badQuery says which of the queries of a batch failed.
type badQuery struct {
	error
	index int
}

func (b badQuery) Unwrap() error { return b.error }

func queryError(err error, index int) error { return badQuery{err, index} }

// cloneRow copies a row whose values live in the connection's buffer.
func cloneRow(values [][]byte) [][]byte {
	n := 0
	for _, v := range values {
		n += len(v)
	}
	buf := make([]byte, 0, n)
	out := make([][]byte, len(values))
	for i, v := range values {
		if v == nil {
			continue
		}
		start := len(buf)
		buf = append(buf, v...)
		out[i] = buf[start:len(buf):len(buf)]
	}
	return out
}

const versionQuery = "SELECT pg_catalog.current_setting('server_version_num')"

// serverVersion is the server's version number, such as 150018.
func serverVersion(ctx context.Context, conn *pgconn.PgConn) (int, error) {
	res, err := peek(ctx, conn, versionQuery)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(res[0].rows[0][0]))
}

// torn reports whether an error, or what the server printed, comes of a
// schema that changed while it was read: the deparse functions see the
// catalogs of now, not those of the transaction's snapshot.
func torn(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "XX000", "42P01", "42704", "42883":
		return true
	}
	return false
}

// conflict reports whether a standby's recovery stopped a reading.
func conflict(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

var errTorn = errors.New("the schema changed while it was read")
