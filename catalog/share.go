package catalog

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// joinTimeout is how long plumb waits for further connections to help.
const joinTimeout = 2 * time.Second

// join opens on further connections the transaction that conn is in, and
// returns those where that went well. Where conn cannot export its snapshot it
// begins again alone; an error is one of that.
func join(ctx context.Context, conn *pgconn.PgConn, more []*pgconn.PgConn) ([]*pgconn.PgConn, error) {
	if len(more) == 0 {
		return nil, nil
	}
	res, err := run(ctx, conn, []string{"SELECT pg_catalog.pg_export_snapshot()"})
	if err != nil {
		return nil, conn.Exec(ctx, "ROLLBACK; "+begin).Close()
	}
	first, rest, _ := strings.Cut(begin, ";")
	script := first + "; SET TRANSACTION SNAPSHOT '" + string(res[0].rows[0][0]) + "';" + rest
	// A pooler with one session to give would let it wait for conn for ever.
	soon, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	var out []*pgconn.PgConn
	for _, c := range more {
		if c.Exec(soon, script).Close() == nil {
			out = append(out, c)
		} else {
			_ = c.Exec(soon, "ROLLBACK").Close()
		}
	}
	return out, nil
}

// share runs queries on several connections and returns their results in
// order. A connection takes a part of what is left whenever it is done, so the
// number of round trips depends on the number of queries alone.
func share(ctx context.Context, conns []*pgconn.PgConn, queries []string) ([]result, error) {
	if len(conns) == 1 {
		return run(ctx, conns[0], queries)
	}
	s := &sharing{results: make([]result, len(queries)), conns: len(conns)}
	var all sync.WaitGroup
	for _, c := range conns {
		all.Go(func() {
			for from, to := s.take(); from < to; from, to = s.take() {
				res, err := run(ctx, c, queries[from:to])
				copy(s.results[from:], res)
				if err != nil {
					s.fail(err, from)
					return
				}
			}
		})
	}
	all.Wait()
	return s.results, s.err
}

// sharing is what the connections have in common.
type sharing struct {
	mu      sync.Mutex
	next    int
	conns   int
	results []result
	err     error
}

// take hands out the next queries: less the fewer are left.
func (s *sharing) take() (from, to int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, 0
	}
	from = s.next
	left := len(s.results) - from
	s.next += min(left, max(1, left/(2*s.conns)))
	return from, s.next
}

// fail keeps the first error, with the place of its query among all.
func (s *sharing) fail(err error, from int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	var bad badQuery
	if errors.As(err, &bad) {
		err = badQuery{bad.error, bad.index + from}
	}
	s.err = err
}
