package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	gitlabScript = regexp.MustCompile(`(?m)^    - (.*)$`)
)

// ciCommands lists the commands of the examples that are plumb's.
func ciCommands(t *testing.T) []string {
	t.Helper()
	var out []string
	add := func(script string) {
		for _, line := range strings.Split(strings.TrimPrefix(script, "|\n"), "\n") {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "plumb ") {
				out = append(out, line)
			}
		}
	}
	for name, find := range map[string]func(string){
		"github.yml": func(text string) {
			for _, line := range strings.Split(text, "\n") {
				_, command, ok := strings.Cut(line, "run: ")
				if !ok {
					command = line
				}
				add(command)
			}
		},
		"gitlab.yml": func(text string) {
			for _, m := range gitlabScript.FindAllStringSubmatch(text, -1) {
				add(m[1])
			}
		},
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", "ci", name))
		if err != nil {
			t.Fatal(err)
		}
		find(string(text))
	}
	return out
}

// The commands of the examples for CI do what they are there for: they pass where
// all is well, and those that look for drift fail where there is some.
func TestCIExamples(t *testing.T) {
	db := live(t)
	commands := ciCommands(t)
	if len(commands) < 8 {
		t.Fatalf("found only %q", commands)
	}
	folder(t)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "plumb")); err != nil { // testscript's main runs plumb under that name
		t.Fatal(err)
	}
	run := func(command string) error {
		c := exec.Command("bash", "-c", command)
		c.Dir = dir
		c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "STAGING_URL="+db.URL(), "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary.md"))
		out, err := c.CombinedOutput()
		if err != nil {
			t.Logf("%s: %v\n%s", command, err, out)
		}
		return err
	}
	for _, command := range commands {
		if err := run(command); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
	conn, err := db.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.PgConn().Exec(context.Background(), "ALTER TABLE units ADD more text; GRANT SELECT ON units TO PUBLIC").Close(); err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		if strings.Contains(command, "drift") && run(command) == nil {
			t.Errorf("%s: passed, though the database has drifted", command)
		}
	}
	for _, name := range []string{"summary.md", "quality.json", "junit.xml"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), "public.units") {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}
