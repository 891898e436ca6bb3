package coverage

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/devserver"
)

// pgDump is the newest pg_dump on this machine that can read a server of a
// major, "" if none can.
func pgDump(ctx context.Context, major int) string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if path, err := exec.LookPath("pg_dump"); err == nil {
		found = append(found, path)
	}
	best, newest := "", 0
	for _, path := range found {
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		var has int
		if fields := strings.Fields(string(out)); err == nil && len(fields) > 2 {
			fmt.Sscanf(fields[2], "%d", &has)
		}
		if has >= major && has > newest {
			best, newest = path, has
		}
	}
	return best
}

// noise are the lines of a dump that say nothing about the schema.
var noise = regexp.MustCompile(`^(--.*|\\(un)?restrict .*|)$`)

// options are those of a table or an index, whose order means nothing.
var options = regexp.MustCompile(`\bWITH \(([^()]*)\)`)

func sortOptions(line string) string {
	return options.ReplaceAllStringFunc(line, func(with string) string {
		list := strings.Split(with[len("WITH ("):len(with)-1], ", ")
		slices.Sort(list)
		return "WITH (" + strings.Join(list, ", ") + ")"
	})
}

// dump is what pg_dump says of a database, owners and privileges included: its
// lines in order, so that the order of columns and of statements is aside.
func dump(ctx context.Context, bin string, d *devserver.Database) ([]string, error) {
	if bin == "" {
		return nil, nil
	}
	var stderr strings.Builder
	cmd := exec.CommandContext(ctx, bin, "--schema-only", "--dbname", d.URL())
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot dump the database: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	var lines []string
	for _, l := range strings.Split(string(out), "\n") {
		if l = strings.TrimSuffix(strings.TrimSpace(l), ","); !noise.MatchString(l) {
			lines = append(lines, sortOptions(l))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// differs says how what was reached is not what was wanted; "" if it is.
func (l *lab) differs(ctx context.Context, got, want *state) string {
	if changes := l.builder.Changes(ctx, got.snap, want.snap); len(changes) > 0 {
		return fmt.Sprintf("%d objects differ, such as %s", len(changes), change(changes[0]))
	}
	missing, extra := without(want.dump, got.dump), without(got.dump, want.dump)
	if len(missing)+len(extra) == 0 {
		return ""
	}
	return fmt.Sprintf("pg_dump sees %d lines that differ, such as %s", len(missing)+len(extra),
		cmp.Or(first("+ ", missing), first("- ", extra)))
}

func change(c diff.Change) string {
	switch {
	case c.Old == nil:
		return c.ID().String() + ", which is missing"
	case c.New == nil:
		return c.ID().String() + ", which should not be there"
	}
	a := c.Attrs[0]
	return fmt.Sprintf("%s, whose %s is %q and should be %q", c.ID(), a, c.Old.Get(a), c.New.Get(a))
}

// without lists the lines of a sorted list that another one lacks, each as
// often as it does.
func without(lines, other []string) []string {
	var out []string
	for i, j := 0, 0; i < len(lines); {
		switch {
		case j == len(other) || lines[i] < other[j]:
			out = append(out, lines[i])
			i++
		case lines[i] > other[j]:
			j++
		default:
			i, j = i+1, j+1
		}
	}
	return out
}

func first(sign string, lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return sign + lines[0]
}
