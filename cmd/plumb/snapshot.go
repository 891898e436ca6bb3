package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/internal/report"
)

func newSnapshot(p *project) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "snapshot [URL] -o FILE",
		Short: "Keep a live database's schema in a file that stands in for it",
		Long: `Read a live database and keep in a file what a comparison needs of it: the schema,
its log of applied migrations, its version and locale, who read it and when, and
what was not shown to that role. The file holds no password. drift, diff, audit and
whatever takes a STATE take it in place of the database.

The file is compressed and has a checksum: one that was cut off or changed is
refused. With SOURCE_DATE_EPOCH set, the same database makes the same bytes.`,
		Example: `  plumb snapshot "$DATABASE_URL" -o production.plumb
  plumb snapshot --env production -o production.plumb
  plumb drift --url production.plumb`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSnapshot(cmd.Context(), p, append(args, "")[0], output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "the `FILE` to write, - for stdout")
	_ = cmd.MarkFlagRequired("output")
	p.reachFlags(cmd.Flags())
	return cmd
}

func runSnapshot(ctx context.Context, p *project, arg, output string) error {
	at, err := now()
	if err != nil {
		return err
	}
	live, err := p.live(arg)
	if err != nil {
		return err
	}
	b, err := p.builder(ctx, live)
	if err != nil {
		return err
	}
	defer b.Close()
	saved, err := b.Take(ctx, live)
	if err != nil {
		return err
	}
	if err := p.examined(saved.State.NotExamined); err != nil {
		return err
	}
	if saved.LogGap != "" {
		p.say("%s", report.OneLine(saved.LogGap))
	}
	for _, what := range saved.State.NotShown() {
		p.say("not visible to role %s: %s", report.OneLine(saved.Taken.Role), report.OneLine(what))
	}
	saved.Taken.At = at.Format(time.RFC3339)
	data, err := saved.Encode()
	if err != nil {
		return err
	}
	if output == "-" {
		return p.print(string(data))
	}
	if err := writeWhole(output, data); err != nil {
		return err
	}
	p.say("%s: %d objects of %s", output, len(saved.State.Objects), saved.Taken)
	return nil
}

// now is the time, or what SOURCE_DATE_EPOCH says that it is.
func now() (time.Time, error) {
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		return time.Now().UTC(), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot read SOURCE_DATE_EPOCH: %q is no number of seconds", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
