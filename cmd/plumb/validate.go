package main

import (
	"errors"

	"ariga.io/atlas/sql/migrate"
	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/history"
)

func newValidate(p *project) *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the migrations and atlas.sum, without a database",
		Long: `Check that the migrations can be read, are in one certain order, and are those
that atlas.sum records. No database is asked; plumb verify replays them.

Exit codes: 0 as they should be, 1 not.`,
		Example: "  plumb validate\n  plumb validate --dir db/migrations",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			h, err := history.Open(p.folder(), p.layout())
			if err != nil {
				return err
			}
			for _, w := range h.Warnings {
				p.say("%s", w)
			}
			switch err := h.Verify(); {
			case errors.Is(err, migrate.ErrChecksumNotFound):
				p.say("there is no atlas.sum, so an edited file would not be seen; plumb hash writes it")
			case err != nil:
				return errors.Join(err, errors.New("if that is meant, plumb hash records the files as they are now"))
			}
			p.say("%s: %d migrations, in order and as recorded", p.folder(), len(h.Migrations))
			return nil
		},
	}
}
