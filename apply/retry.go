package apply

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/tvl-platform/plumb/desired"
)

// lockNotAvailable is the server's code for a lock_timeout.
const lockNotAvailable = "55P03"

// A lockError is a statement that waited for a lock as long as it may.
type lockError struct {
	*desired.StatementError
	blockers []string
}

func (e *lockError) Unwrap() error { return e.StatementError }

func (e *lockError) Error() string {
	if len(e.blockers) == 0 {
		return e.StatementError.Error()
	}
	return e.StatementError.Error() + "\n  in the way: " + strings.Join(e.blockers, "\n  in the way: ")
}

// tries is how often what waits for a lock is tried.
const tries = 8

// retry does something until no lock is missing. In between everybody who has
// queued up behind the lock goes on.
func (a *Applier) retry(ctx context.Context, what string, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		var missing *lockError
		if !errors.As(err, &missing) || try == tries {
			return err
		}
		a.cfg.Log(fmt.Sprintf("%s waits for a lock, and is tried again (%d of %d)", what, try+1, tries))
		for _, b := range missing.blockers {
			a.cfg.Log("in the way: " + b)
		}
		pause := min(a.cfg.LockTimeout<<min(try-1, 5), 10*time.Second)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

// watchBlockers looks, once a statement has waited for long, who is in its way.
// It returns a function that ends the watch and says who was.
func (a *Applier) watchBlockers(ctx context.Context) func() []string {
	if a.cfg.LockTimeout == 0 {
		return func() []string { return nil }
	}
	seen := make(chan []string, 1)
	timer := time.AfterFunc(a.cfg.LockTimeout/2, func() { seen <- a.blockers(ctx) })
	return func() []string {
		if timer.Stop() {
			return nil
		}
		return <-seen
	}
}
