package main

import (
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

var update = flag.Bool("update", false, "write docs/reference.md again")

const referencePath = "../../docs/reference.md"

// The reference in docs says what --help says; go test ./cmd/plumb -run
// TestReference -update writes it again.
func TestReference(t *testing.T) {
	got := reference(t)
	if *update {
		if err := os.WriteFile(referencePath, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(referencePath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/reference.md is not what --help says; go test ./cmd/plumb -run TestReference -update writes it again:\n%s", diff)
	}
}

// reference is one page about all commands.
func reference(t *testing.T) string {
	var out strings.Builder
	out.WriteString("# Reference\n\nThis page is made from what `plumb --help` says: `go test ./cmd/plumb -run TestReference -update`.\n\n")
	for _, cmd := range documented() {
		var page strings.Builder
		cmd.DisableAutoGenTag = true
		link := func(file string) string { return "#" + strings.ReplaceAll(strings.TrimSuffix(file, ".md"), "_", "-") }
		if err := doc.GenMarkdownCustom(cmd, &page, link); err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(page.String(), "### Options inherited from parent commands") // they are plumb's own, above
		out.WriteString(strings.TrimRight(text, "\n") + "\n\n")
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// documented lists plumb and all its commands, but for those that cobra adds.
func documented() []*cobra.Command {
	root := newRoot(newProject(io.Discard, io.Discard))
	all := append([]*cobra.Command{root}, root.Commands()...)
	return slices.DeleteFunc(all, func(c *cobra.Command) bool { return c.Name() == "help" || c.Name() == "completion" })
}

// Each command shows by example how it is used, with flags that there are.
func TestExamples(t *testing.T) {
	for _, cmd := range documented() {
		if cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for _, line := range strings.Split(cmd.Example, "\n") {
			for _, part := range strings.Split(line, "|") {
				if words := strings.Fields(part); len(words) > 0 && words[0] == "plumb" {
					checkExample(t, cmd.Root(), words[1:])
				}
			}
		}
	}
}

func checkExample(t *testing.T, root *cobra.Command, words []string) {
	cmd, rest, err := root.Find(words)
	if err != nil {
		t.Errorf("plumb %s: %v", strings.Join(words, " "), err)
		return
	}
	cmd.InitDefaultHelpFlag()
	for _, w := range rest {
		name, _, _ := strings.Cut(w, "=")
		switch {
		case strings.HasPrefix(name, "--") && cmd.Flag(strings.TrimPrefix(name, "--")) == nil,
			len(name) == 2 && name[0] == '-' && name != "--" && cmd.Flags().ShorthandLookup(name[1:]) == nil && cmd.InheritedFlags().ShorthandLookup(name[1:]) == nil:
			t.Errorf("plumb %s: %s has no flag %s", strings.Join(words, " "), cmd.CommandPath(), name)
		}
	}
}
