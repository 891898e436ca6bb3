package devserver

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Spares are empty databases of a private cluster, made ahead while plumb does something else: to copy
// the three hundred files of template0 takes most of the time between a warm start and a database that
// is ready, and to rename a spare takes a millisecond. A spare survives its run, so that the next one
// finds it. There is at most one for each set of options of CREATE DATABASE.
type spares struct {
	mu     sync.Mutex
	ready  map[string]bool          // by name
	coming map[string]chan struct{} // closed when the spare is ready or will never be
	work   sync.WaitGroup
}

const sparePrefix = "plumb_spare_"

// maxSpares bounds what a slot keeps between runs.
const maxSpares = 4

func spareName(options string) string {
	hash := sha256.Sum256([]byte(options))
	return fmt.Sprintf("%s%x", sparePrefix, hash[:6])
}

func newSpares(found []string) *spares {
	sp := &spares{ready: map[string]bool{}, coming: map[string]chan struct{}{}}
	for _, name := range found {
		sp.ready[name] = true
	}
	return sp
}

// take tells whether there is a spare, which is the caller's then. It waits for one that is being made.
func (sp *spares) take(ctx context.Context, name string) bool {
	sp.mu.Lock()
	coming := sp.coming[name]
	sp.mu.Unlock()
	if coming != nil {
		select {
		case <-coming:
		case <-ctx.Done():
			return false
		}
	}
	sp.mu.Lock()
	defer sp.mu.Unlock()
	ready := sp.ready[name]
	delete(sp.ready, name)
	return ready
}

// refill makes a spare in the background, unless there is one or one is coming. That it cannot be made
// is no error: the next Create will say why.
func (sp *spares) refill(cfg *pgx.ConnConfig, options string) {
	name := spareName(options)
	sp.mu.Lock()
	defer sp.mu.Unlock()
	if sp.ready[name] || sp.coming[name] != nil || len(sp.ready)+len(sp.coming) >= maxSpares {
		return
	}
	done := make(chan struct{})
	sp.coming[name] = done
	sp.work.Go(func() {
		err := makeSpare(cfg, name, options)
		sp.mu.Lock()
		defer sp.mu.Unlock()
		sp.ready[name] = err == nil
		delete(sp.coming, name)
		close(done)
	})
}

func makeSpare(cfg *pgx.ConnConfig, name, options string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE DATABASE "+quote(name)+" "+options)
	return err
}
