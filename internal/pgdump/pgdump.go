// Package pgdump asks pg_dump, which shares no code with plumb, what a database
// holds: it is the second witness.
package pgdump

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

// Find finds a pg_dump that reads servers of a major, which none older does, and
// its version, such as "pg_dump 15.18"; both are empty if there is none.
func Find(ctx context.Context, major int) (program, version string) {
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

// Text is what program dumps of a database's schema, secrets included.
func Text(ctx context.Context, program string, db *devserver.Database) (string, error) {
	cmd := exec.CommandContext(ctx, program, "--schema-only", "--dbname", db.URL())
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("cannot dump %s: %w: %s", db.Name, err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}

// Lines lists the lines of what program dumps of a database's schema, owners and
// privileges included, without what says nothing of it and without secrets. They
// are sorted, so that the order of columns and statements is aside.
func Lines(ctx context.Context, program string, db *devserver.Database) ([]string, error) {
	out, err := Text(ctx, program, db)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, l := range strings.Split(withoutSecrets(out), "\n") {
		if l = strings.TrimSuffix(strings.TrimSpace(l), ","); !noise.MatchString(l) {
			lines = append(lines, sortLists(l))
		}
	}
	slices.Sort(lines)
	return lines, nil
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

// Where a line holds a list whose order means nothing: storage parameters, and
// the columns of statistics, which are in the table's order.
var (
	parameters = regexp.MustCompile(`\bWITH \(([^()]*)\)`)
	statistics = regexp.MustCompile(`^CREATE STATISTICS .* ON (.*) FROM .*$`)
)

func sortLists(line string) string {
	for _, list := range []*regexp.Regexp{parameters, statistics} {
		if m := list.FindStringSubmatchIndex(line); m != nil {
			items := strings.Split(line[m[2]:m[3]], ", ")
			slices.Sort(items)
			line = line[:m[2]] + strings.Join(items, ", ") + line[m[3]:]
		}
	}
	return line
}

// Without lists the lines of a sorted list that another one lacks, each as
// often as it does.
func Without(lines, other []string) []string {
	var out []string
	i := 0
	for _, line := range lines {
		for i < len(other) && other[i] < line {
			i++
		}
		if i < len(other) && other[i] == line {
			i++
			continue
		}
		out = append(out, line)
	}
	return out
}
