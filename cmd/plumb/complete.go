package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tvl-platform/plumb/history"
)

// formatFlag is the flag for the form of the result; the first is the default.
func formatFlag(cmd *cobra.Command, format *string, names ...string) {
	cmd.Flags().StringVar(format, "format", names[0], orList(names))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
}

// orList lists words: "a, b or c".
func orList(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// complete lets shells complete what the project file and the folder know.
func (p *project) complete(root *cobra.Command) {
	for flag, values := range map[string]func() []string{"env": p.envNames, "phase": p.phases, "to": p.states, "from": p.states, "url": p.states} {
		for _, cmd := range append(root.Commands(), root) {
			if cmd.LocalFlags().Lookup(flag) == nil {
				continue
			}
			_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				p.envName = ""
				if p.load() != nil {
					return nil, cobra.ShellCompDirectiveError
				}
				if flag == "env" || flag == "phase" {
					return values(), cobra.ShellCompDirectiveNoFileComp
				}
				return values(), cobra.ShellCompDirectiveDefault // files are states, too
			})
		}
	}
}

func (p *project) envNames() []string {
	var out []string
	for _, e := range p.file.Envs {
		if e.Name != "" {
			out = append(out, e.Name)
		}
	}
	return out
}

func (p *project) phases() []string {
	if h, err := history.Open(p.folder(), p.layout()); err == nil {
		return h.Phases
	}
	return p.set.Phases
}

func (p *project) states() []string {
	out := []string{"migrations", "empty"}
	for _, e := range p.envNames() {
		out = append(out, "env://"+e)
	}
	return out
}

// completing reports whether a command is part of the completion of shells,
// for which a project need not be there, or right.
func completing(cmd *cobra.Command) bool {
	return cmd.Name() == cobra.ShellCompRequestCmd || cmd.Name() == cobra.ShellCompNoDescRequestCmd ||
		cmd.HasParent() && cmd.Parent().Name() == "completion"
}

// otherNames lets flags go by the names that they have elsewhere.
func otherNames(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "shadow-url", "shadow-database-url":
		name = "dev-url"
	case "db-url":
		name = "url"
	case "no-colour":
		name = "no-color"
	}
	return pflag.NormalizedName(name)
}
