package devserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Binaries are the programs of one installed PostgreSQL.
type Binaries struct {
	Dir     string // holds postgres and initdb
	Version string // 17.10
	Major   int    // 17
}

func (b Binaries) program(name string) string { return filepath.Join(b.Dir, name+exe) }

// Installed returns the servers that can be started here, one a major, oldest first.
func Installed() []Binaries {
	var all []Binaries
	for _, dir := range append(candidates(0), pgConfigDir()...) {
		b, err := probe(dir)
		if err == nil && !slices.ContainsFunc(all, func(o Binaries) bool { return o.Major == b.Major }) {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b Binaries) int { return a.Major - b.Major })
	return all
}

// search returns the binaries to start: of the wanted major, else of the next one above it, else of the
// highest. Only the given folder counts where one is given.
func search(binDir string, major int) (Binaries, error) {
	for _, source := range []struct{ name, dir string }{{"--pg-bin", binDir}, {"PLUMB_PG_BIN", os.Getenv("PLUMB_PG_BIN")}} {
		if source.dir != "" {
			b, err := probe(source.dir)
			if err != nil {
				err = fmt.Errorf("%s names %s: %w", source.name, source.dir, err)
			}
			return b, err
		}
	}
	for _, dir := range candidates(major) {
		if b, err := probe(dir); err == nil && (major == 0 || b.Major == major) {
			return b, nil
		}
	}
	all := Installed()
	if len(all) == 0 {
		return Binaries{}, errors.New("no PostgreSQL was found")
	}
	if i := slices.IndexFunc(all, func(b Binaries) bool { return b.Major > major }); major > 0 && i >= 0 {
		return all[i], nil
	}
	return all[len(all)-1], nil
}

// probe asks the server in dir who it is, as the user who would run it, so that a folder which that user
// cannot reach does not count.
func probe(dir string) (Binaries, error) {
	b := Binaries{Dir: dir}
	for _, name := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(b.program(name)); err != nil {
			return b, fmt.Errorf("there is no %s", name)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.program("postgres"), "-V")
	cmd.Dir = "/"
	unprivileged(cmd)
	out, err := cmd.Output()
	if errors.Is(err, os.ErrPermission) && privileged() {
		return b, errors.New("user nobody, who runs root's servers, cannot start it")
	}
	if err != nil {
		return b, fmt.Errorf("postgres -V: %w", err)
	}
	fields := strings.Fields(string(out)) // postgres (PostgreSQL) 15.18 (Debian …)
	if len(fields) < 3 {
		return b, fmt.Errorf("postgres -V printed %q", out)
	}
	b.Version = fields[2]
	b.Major, _ = strconv.Atoi(leadingDigits.FindString(b.Version))
	if b.Major < oldest {
		return b, fmt.Errorf("it is PostgreSQL %s, and plumb needs %d or later", b.Version, oldest)
	}
	return b, nil
}

var (
	leadingDigits = regexp.MustCompile(`^\d+`)
	majorInPath   = regexp.MustCompile(`(?:^|[^\d.])(\d\d)(?:[^\d]|$)`)
)

// candidates lists the folders that may hold a server, in the order of preference: those whose path
// names the wanted major first, then those whose path names none, then the others from the newest.
func candidates(major int) []string {
	var dirs []string
	for _, pattern := range patterns() {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	rank := func(dir string) int {
		hint := 0
		if m := majorInPath.FindStringSubmatch(filepath.ToSlash(dir)); m != nil {
			hint, _ = strconv.Atoi(m[1])
		}
		switch {
		case hint == 0:
			return -100
		case hint == major:
			return -1000
		}
		return -hint
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return rank(a) - rank(b) })
	return slices.Compact(dirs)
}

// pgConfigDir asks pg_config, which takes a moment: it is the last resort.
func pgConfigDir() []string {
	out, err := exec.Command("pg_config", "--bindir").Output()
	if err != nil {
		return nil
	}
	return []string{strings.TrimSpace(string(out))}
}

// patterns lists where to look: the cache, what PATH names, then the places of the operating systems.
func patterns() []string {
	var all []string
	if dir, err := binariesDir(); err == nil {
		all = append(all, filepath.Join(dir, "*", "bin"))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			all = append(all, filepath.Dir(path))
		}
	}
	for _, place := range places {
		if place = expand(place); place != "" {
			all = append(all, place)
		}
	}
	return all
}

// binaries returns the server to start: an installed one of the wanted major, else, where that is
// allowed, a download of it, else any that is installed.
func (c Config) binaries(ctx context.Context) (Binaries, error) {
	b, err := search(c.BinDir, c.Major)
	named := c.BinDir != "" || os.Getenv("PLUMB_PG_BIN") != ""
	if wanted := err == nil && (c.Major == 0 || b.Major == c.Major); wanted || named {
		return b, err
	}
	if p, ok := pinned(c.Major); ok && c.Download {
		dir, err := binariesDir()
		if err != nil {
			return b, err
		}
		c.log("downloading PostgreSQL %d (%s %s) into %s", p.major, p.pkg(), p.version, dir)
		return p.download(ctx, dir)
	}
	if err != nil {
		return b, errNotInstalled(c)
	}
	c.log("no PostgreSQL %d was found on this machine: using %s from %s", c.Major, b.Version, b.Dir)
	return b, nil
}

// errNotInstalled lists everything that was looked for.
func errNotInstalled(c Config) error {
	lines := []string{
		"  --dev-url: not given",
		"  PLUMB_PG_BIN: not set",
		"  pg_config and postgres in PATH: none that can be started",
	}
	for _, pattern := range patterns() {
		state := "nothing there"
		if dirs, _ := filepath.Glob(pattern); len(dirs) > 0 {
			_, err := probe(dirs[0])
			state = fmt.Sprint(err)
		}
		lines = append(lines, fmt.Sprintf("  %s: %s", pattern, state))
	}
	switch _, ok := pinned(c.Major); {
	case !ok:
		lines = append(lines, "  a download: none is pinned for "+platform)
	case !c.Download:
		lines = append(lines, "  a download: not allowed (--download-postgres)")
	}
	return fmt.Errorf("no PostgreSQL was found; looked for\n%s\nthis would help: %s", strings.Join(lines, "\n"), remedy())
}
