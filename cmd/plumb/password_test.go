package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// No command says a password, whether it can do what it was asked or not: in an
// address that it is given in whatever way, in the project file, in the environment.
func TestPasswordIsNeverSaid(t *testing.T) {
	db := live(t)
	folder(t)
	reached := newCutter(t, db, 1<<30)
	defer reached.close()
	const nobody = "postgres://nobody:S3cr3t%40@127.0.0.1:1/none"
	t.Setenv("REACHED", reached.address())
	t.Setenv("DATABASE_URL", nobody)
	const file = "env \"reached\" {\n  url = getenv(\"REACHED\")\n}\nenv \"nobody\" {\n  url = \"" + nobody + "\"\n  dev = \"" + nobody + "\"\n}\n"
	if err := os.WriteFile("atlas.hcl", []byte(file), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range commands(newRoot(newProject(io.Discard, io.Discard))) {
		for _, args := range [][]string{
			{}, {nobody}, {"--url", nobody}, {"--to", nobody}, {"--from", nobody, "--to", nobody}, {"--dev-url", nobody},
			{"host=127.0.0.1 port=1 password=S3cr3t@ user=nobody"}, {"postgres://nobody:S3cr3t@:not a port/"}, {"--env", "nobody"},
			{"--env", "reached"}, {"--env", "reached", "--format", "json"},
		} {
			args = append(strings.Fields(c), args...)
			code, stdout, stderr := command(t, args...)
			if strings.Contains(stdout+stderr, "S3cr3t") {
				t.Errorf("plumb %s exits with %d and says\n%s%s", strings.Join(args, " "), code, stdout, stderr)
			}
		}
	}
}

// commands lists all that plumb can be asked, but for what talks to no database
// or tells a story of its own.
func commands(c *cobra.Command) []string {
	var out []string
	for _, sub := range c.Commands() {
		switch sub.Name() {
		case "help", "completion", "demo", "man":
			continue
		}
		out = append(out, commands(sub)...)
		if sub.Runnable() {
			out = append(out, strings.TrimPrefix(sub.CommandPath(), "plumb "))
		}
	}
	return out
}
