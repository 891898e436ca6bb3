package main

import (
	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/history"
)

func newHash(p *project) *cobra.Command {
	return &cobra.Command{
		Use:   "hash",
		Short: "Record the migrations as they are now in atlas.sum",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			h, err := history.Open(p.folder(), p.layout())
			if err != nil {
				return err
			}
			return h.WriteSum()
		},
	}
}
