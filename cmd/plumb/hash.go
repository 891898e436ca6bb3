package main

import (
	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/history"
)

func newHash(p *project) *cobra.Command {
	return &cobra.Command{
		Use:   "hash",
		Short: "Record the migrations as they are now in atlas.sum",
		Long: `Record the migrations as they are now in atlas.sum, which commands that write
compare them with. Do so once edited files have been reviewed. Atlas writes the
same file.`,
		Example: `  plumb hash
  plumb hash --dir db/migrations`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			h, err := history.Open(p.folder(), p.layout())
			if err != nil {
				return err
			}
			return h.WriteSum()
		},
	}
}
