package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/internal/report"
)

type explainOptions struct{ id, url, from string }

func newExplain(p *project) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "Tell one finding of drift in full",
		Long: `Tell one finding of plumb drift in full: both sides, the migrations that made the
object and changed it last, what may have happened, and the SQL for both ways. The
beginning of an ID is enough. The database is compared again, unless --from names a
report that plumb drift --format json has written.`,
		Example: "  plumb explain D-61fb22 --url \"$STAGING_URL\"\n  plumb explain D-61fb22 --from drift.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.id = args[0]
			return runExplain(cmd.Context(), p, o)
		},
	}
	cmd.Flags().StringVarP(&o.url, "url", "u", "", "the database, as plumb drift was told (default the env's url, then $DATABASE_URL)")
	cmd.Flags().StringVar(&o.from, "from", "", "the `FILE` of a report that plumb drift --format json has written")
	p.reachFlags(cmd.Flags())
	return cmd
}

func runExplain(ctx context.Context, p *project, o explainOptions) error {
	d, err := o.drift(ctx, p)
	if err != nil {
		return err
	}
	found := d.Find(o.id)
	if len(found) == 0 {
		return fmt.Errorf("cannot find %q among the %d findings of %s; an ID changes with what was found, so ask plumb drift again", o.id, len(d.Findings), d.Target)
	}
	var text strings.Builder
	for i, f := range found {
		if i > 0 {
			text.WriteString("\n")
		}
		if err := f.Explain(&text); err != nil {
			return err
		}
	}
	return p.print(text.String())
}

func (o explainOptions) drift(ctx context.Context, p *project) (*report.Drift, error) {
	if o.from != "" {
		data, err := os.ReadFile(o.from)
		if err != nil {
			return nil, fmt.Errorf("cannot read the report: %w", err)
		}
		d, err := report.ReadDrift(data)
		if err != nil {
			return nil, fmt.Errorf("cannot read the report %s: %w", o.from, err)
		}
		return d, nil
	}
	live, err := p.liveOrSaved(o.url)
	if err != nil {
		return nil, err
	}
	c, err := p.drift(ctx, live, true)
	if err != nil {
		return nil, err
	}
	return c.drift, nil
}
