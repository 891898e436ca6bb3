package desired

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// askDump has pg_dump print two databases, and notes the lines that only one
// of them has.
func (v *Verification) askDump(ctx context.Context, major int, want, got *devserver.Database) error {
	program, version := findDump(ctx, major)
	if program == "" {
		return nil
	}
	a, err := dump(ctx, program, want)
	if err != nil {
		return err
	}
	c, err := dump(ctx, program, got)
	if err != nil {
		return err
	}
	v.Dump = version
	v.Missing, v.Extra = onlyIn(a, c), onlyIn(c, a)
	v.forgive()
	return nil
}

// forgive leaves out the pairs of lines that differ only in brackets and in
// where casts stand, which the server itself moves (reword.go). More than that,
// such as a cast to another type, it is told.
func (v *Verification) forgive() {
	v.Missing = slices.DeleteFunc(v.Missing, func(line string) bool {
		i := slices.IndexFunc(v.Extra, func(l string) bool { return bare(l) == bare(line) && slices.Equal(castTypes(l), castTypes(line)) })
		if i >= 0 {
			v.Extra = slices.Delete(v.Extra, i, i+1)
		}
		return i >= 0
	})
}

// castTypes lists the types that a text casts to, an array's as its element's,
// each once, sorted.
func castTypes(text string) []string {
	types := casts.FindAllString(text, -1)
	for i := range types {
		types[i] = strings.TrimSuffix(types[i], "[]")
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// findDump finds a pg_dump that reads servers of a major: none older will.
func findDump(ctx context.Context, major int) (program, version string) {
	var places []string
	for _, bin := range devserver.Installed() {
		places = append(places, filepath.Join(bin.Dir, "pg_dump"))
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/pg_dump", "/usr/pgsql-*/bin/pg_dump", "/opt/homebrew/opt/postgresql@*/bin/pg_dump"} {
		found, _ := filepath.Glob(pattern)
		places = append(places, found...)
	}
	for _, place := range append(places, "pg_dump") {
		out, err := exec.CommandContext(ctx, place, "--version").Output()
		fields := strings.Fields(string(out)) // pg_dump (PostgreSQL) 15.18 (Debian …)
		if err != nil || len(fields) < 3 {
			continue
		}
		var its int
		if _, err := fmt.Sscanf(fields[2], "%d", &its); err == nil && its >= major {
			return place, "pg_dump " + fields[2]
		}
	}
	return "", ""
}

// noise are the lines of a dump that say nothing of the schema.
var noise = regexp.MustCompile(`^(--.*|\\(un)?restrict .*|)$`)

// Where a dump holds secrets, which plumb neither compares nor prints.
var (
	connection = regexp.MustCompile(`(?m)^(CREATE SUBSCRIPTION .* CONNECTION )E?'(?:[^']|'')*'`)
	mapping    = regexp.MustCompile(`(?ms)^CREATE USER MAPPING FOR .*?;$`)
	quotedWord = regexp.MustCompile(`E?'(?:[^']|'')*'`)
)

// withoutSecrets puts *** in the place of secrets.
func withoutSecrets(text string) string {
	text = connection.ReplaceAllString(text, "${1}'***'")
	return mapping.ReplaceAllStringFunc(text, func(m string) string { return quotedWord.ReplaceAllString(m, "'***'") })
}

// dump lists the lines of a database's dump, sorted, since columns may be in
// another order.
func dump(ctx context.Context, program string, db *devserver.Database) ([]string, error) {
	cmd := exec.CommandContext(ctx, program, "--schema-only", "--dbname", db.URL())
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot dump %s: %w: %s", db.Name, err, strings.TrimSpace(stderr.String()))
	}
	var lines []string
	for _, l := range strings.Split(withoutSecrets(string(out)), "\n") {
		if !noise.MatchString(l) {
			lines = append(lines, strings.TrimSuffix(l, ","))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// onlyIn lists what is in a more often than in b; both are sorted.
func onlyIn(a, b []string) []string {
	var out []string
	i := 0
	for _, line := range a {
		for i < len(b) && b[i] < line {
			i++
		}
		if i < len(b) && b[i] == line {
			i++
			continue
		}
		out = append(out, line)
	}
	return out
}
