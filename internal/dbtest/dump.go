package dbtest

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// SameDump wants pg_dump to print the same of both databases, the order of
// lines (and so of columns) aside. pg_dump cannot read a server newer than itself.
func SameDump(major int, got, want *devserver.Database) error {
	bin := pgDump()
	if bin == "" || major > 15 {
		return nil
	}
	a, err := dump(bin, want)
	if err != nil {
		return err
	}
	b, err := dump(bin, got)
	if err != nil {
		return err
	}
	if d := cmp.Diff(a, b); d != "" {
		return &Broken{Undumped, fmt.Errorf("(-want +got)\n%s", d)}
	}
	return nil
}

func pgDump() string {
	if bin := "/usr/lib/postgresql/15/bin/pg_dump"; exec.Command(bin, "--version").Run() == nil {
		return bin
	}
	bin, _ := exec.LookPath("pg_dump")
	return bin
}

var noise = regexp.MustCompile(`^(--.*|pg_dump: .*|\\(un)?restrict .*|)$`)

func dump(bin string, d *devserver.Database) ([]string, error) {
	out, err := exec.Command(bin, "--schema-only", "--dbname", d.URL()).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	var lines []string
	for _, l := range strings.Split(string(out), "\n") {
		if !noise.MatchString(l) {
			lines = append(lines, sortOptions(strings.TrimSuffix(l, ",")))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

var statistics = regexp.MustCompile(`^(CREATE STATISTICS .* ON )(.*)( FROM .*)$`)

// sortOptions sorts the storage parameters on a line, whose order means nothing,
// and the columns of statistics, whose order is the table's.
func sortOptions(line string) string {
	if m := statistics.FindStringSubmatch(line); m != nil {
		columns := strings.Split(m[2], ", ")
		slices.Sort(columns)
		return m[1] + strings.Join(columns, ", ") + m[3]
	}
	list, ok := strings.CutPrefix(line, "WITH (")
	if !ok || !strings.HasSuffix(list, ");") {
		return line
	}
	options := strings.Split(strings.TrimSuffix(list, ");"), ", ")
	slices.Sort(options)
	return "WITH (" + strings.Join(options, ", ") + ");"
}
