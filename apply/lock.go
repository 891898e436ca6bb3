package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The advisory lock of the appliers of one database: "plum", 1. It is never
// waited for in the server. Who waits there holds a snapshot, and CREATE INDEX
// CONCURRENTLY waits for that in turn: a deadlock.
const lockKey = "1886156141, 1"

// The lock is asked for after these pauses: shortly, for one that has just ended
// may still be there to the server, then seldom.
const (
	shortPoll = 20 * time.Millisecond
	poll      = 500 * time.Millisecond
)

// lock takes the lock, or waits until another applier frees it.
func (a *Applier) lock(ctx context.Context) error {
	deadline := time.Now().Add(a.cfg.LockWait)
	pause := shortPoll
	for said := false; ; pause = min(2*pause, poll) {
		var got bool
		if err := a.conn.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_lock("+lockKey+")").Scan(&got); err != nil {
			return err
		}
		if got {
			return a.locked(ctx)
		}
		holder, err := a.holder(ctx)
		if err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("cannot apply anything to %s: another plumb is at it: %s; wait for it, or end it with SELECT pg_terminate_backend(PID)", a.cfg.Database.Name, holder)
		}
		if !said && holder != "" && pause == poll {
			said = true
			a.cfg.Log("another plumb is applying there, and is waited for: " + holder)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// locked reports whether this session holds the lock: a file may have freed it,
// and a pooler may have given us another session.
func (a *Applier) locked(ctx context.Context) error {
	var ours bool
	const query = `SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted AND (classid, objid) = (` + lockKey + `)
		AND pid = pg_catalog.pg_backend_pid() AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))`
	if err := a.conn.QueryRow(ctx, query).Scan(&ours); err != nil {
		return err
	}
	if !ours {
		return fmt.Errorf("cannot go on in %s: the lock of the appliers is lost; did a file free all advisory locks, or does a pooler stand between?", a.cfg.Database.Name)
	}
	return nil
}

// who describes sessions for a person.
const who = `SELECT pg_catalog.format('pid %s, %s, %s, %s for %s: %s', a.pid, coalesce(a.usename, '?'), coalesce(nullif(a.application_name, ''), '?'), a.state,
	pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - a.state_change), pg_catalog.left(pg_catalog.regexp_replace(a.query, '\s+', ' ', 'g'), 80))
	FROM pg_catalog.pg_stat_activity a `

// holder is who holds the lock, "" for nobody any more.
func (a *Applier) holder(ctx context.Context) (string, error) {
	var text string
	err := a.watch.QueryRow(ctx, who+`JOIN pg_catalog.pg_locks l ON l.pid = a.pid AND l.locktype = 'advisory' AND l.granted AND (l.classid, l.objid) = (`+lockKey+`)
		AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return text, err
}

// blockers lists who keeps this session waiting.
func (a *Applier) blockers(ctx context.Context) []string {
	rows, err := a.watch.Query(ctx, who+"WHERE a.pid = ANY (pg_catalog.pg_blocking_pids($1))", int32(a.pid))
	if err != nil {
		return nil // only to tell the person more
	}
	out, _ := pgx.CollectRows(rows, pgx.RowTo[string])
	return out
}
