package coverage

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/devserver"
)

// asPsql replays a history with psql, in one session in which every file begins
// as new, and says how the result is not plumb's.
func (l *lab) asPsql(ctx context.Context, psql string, s Suite, h *history.History, empty, end *state) string {
	args := []string{"-qX", "-v", "ON_ERROR_STOP=1", "-d", empty.copy.URL(), "-c", "SET client_min_messages = warning"}
	for _, f := range h.Migrations {
		file := filepath.Join(s.History, filepath.FromSlash(f.Path))
		if s.Each && !slices.Contains(s.Not, filepath.Base(file)) {
			args = append(args, "-c", "BEGIN", "-f", file, "-c", "COMMIT")
		} else {
			args = append(args, "-f", file)
		}
		args = append(args, "-c", "DISCARD ALL")
	}
	if why := quiet(ctx, psql, args); why != "" {
		return why
	}
	got, err := l.read(ctx, empty.copy)
	if err != nil {
		return err.Error()
	}
	return l.differs(ctx, got, end)
}

// quiet runs a program and returns the end of what it said if it failed.
func quiet(ctx context.Context, program string, args []string) string {
	var stderr strings.Builder
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(stderr.String())
		return fmt.Sprintf("psql: %v: %s", err, said[max(0, len(said)-300):])
	}
	return ""
}

// drop drops the copies of states that are not used up.
func drop(ctx context.Context, copies ...*devserver.Database) error {
	for _, d := range copies {
		if d == nil {
			continue
		}
		if err := d.Drop(ctx); err != nil {
			return err
		}
	}
	return nil
}
