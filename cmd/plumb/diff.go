package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/report"
)

type diffOptions struct {
	from, to string
	format   string
	exitCode bool
	renames  []string
}

func newDiff(p *project) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff --from STATE --to STATE",
		Short: "Print the SQL that turns one state into another",
		Long: `Print the SQL that turns one state into another, and nothing if they are equal.
Nothing is refused: statements that lose rows are marked with a comment.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDiff(cmd.Context(), p, o) },
	}
	cmd.Flags().StringVar(&o.from, "from", "migrations", "the `STATE` to begin with")
	cmd.Flags().StringVar(&o.to, "to", "", "the `STATE` to end with")
	cmd.Flags().StringVar(&o.format, "format", "sql", "sql or json")
	cmd.Flags().BoolVar(&o.exitCode, "exit-code", false, "exit with 2 if the states differ")
	cmd.Flags().StringArrayVar(&o.renames, "rename", nil, renameUsage)
	_ = cmd.MarkFlagRequired("to")
	return cmd
}

func runDiff(ctx context.Context, p *project, o diffOptions) error {
	if err := oneOf("--format", o.format, "sql", "json"); err != nil {
		return err
	}
	from, err := p.state(o.from)
	if err != nil {
		return err
	}
	to, err := p.state(o.to)
	if err != nil {
		return err
	}
	b, err := p.builder(ctx, from, to)
	if err != nil {
		return err
	}
	defer b.Close()
	old, now, err := p.sides(ctx, b, from, to)
	if err != nil {
		return err
	}
	plan, err := p.makePlan(old, now, o.renames)
	if err != nil {
		return err
	}
	if text := ambiguous(plan); text != "" {
		p.say("nothing was renamed where there is a choice:%s", text)
	}
	text := report.SQL(plan)
	if o.format == "json" {
		if text, err = planJSON(plan); err != nil {
			return err
		}
	}
	if err := p.print(text); err != nil {
		return err
	}
	if o.exitCode && !plan.Empty() {
		return verdict{code: exitDiffers}
	}
	return nil
}

// planJSON writes a plan for programs.
func planJSON(plan *diff.Plan) (string, error) {
	type step struct {
		Action  diff.Action `json:"action"`
		Kind    string      `json:"kind"`
		Name    string      `json:"name"`
		SQL     []string    `json:"sql"`
		Because string      `json:"because,omitempty"`
		Loses   []string    `json:"loses,omitempty"`
		Alone   bool        `json:"alone,omitempty"`
	}
	out := struct {
		Steps []step `json:"steps"`
	}{[]step{}}
	for _, s := range plan.Steps {
		j := step{Action: s.Action, Kind: s.ID.Kind, Name: s.ID.Name, SQL: s.SQL, Alone: s.Alone}
		if !s.Because.IsZero() {
			j.Because = s.Because.String()
		}
		for _, id := range s.Loses {
			j.Loses = append(j.Loses, id.String())
		}
		out.Steps = append(out.Steps, j)
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(out)
	return text.String(), err
}

// oneOf refuses a value that a flag does not know.
func oneOf(flag, value string, known ...string) error {
	for _, k := range known {
		if value == k {
			return nil
		}
	}
	return fmt.Errorf("%s %q is unknown; use %s", flag, value, strings.Join(known, " or "))
}
