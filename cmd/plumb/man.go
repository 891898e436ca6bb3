package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newMan(p *project) *cobra.Command {
	return &cobra.Command{
		Use:     "man FOLDER",
		Short:   "Write the manual pages",
		Long:    `Write the manual pages of plumb and of each of its commands into a folder.`,
		Example: `  plumb man ~/.local/share/man/man1`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return fmt.Errorf("cannot write the manual pages: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // same program, same bytes
			head := &doc.GenManHeader{Title: "PLUMB", Section: "1", Source: "plumb", Manual: "plumb", Date: &time.Time{}}
			if err := doc.GenManTree(root, head, args[0]); err != nil {
				return fmt.Errorf("cannot write the manual pages: %w", err)
			}
			return nil
		},
	}
}
