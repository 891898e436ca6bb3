package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ariga.io/atlas/sql/migrate"
	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/report"
)

func newNew(p *project) *cobra.Command {
	var phase string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Make an empty migration to be written by hand",
		Long: `Make an empty migration: the next number, in the latest phase that has any, with
the header that every migration has. atlas.sum is kept up to date where there is
one; plumb hash does so again once the file is written. Prints the file's path.`,
		Example: `  plumb new add_guest_reviews
  plumb new "backfill unit names" --phase v1`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runNew(p, strings.Join(args, " "), phase) },
	}
	cmd.Flags().StringVar(&phase, "phase", "", "the `FOLDER` to write into (default the latest that has migrations)")
	return cmd
}

func runNew(p *project, title, phase string) error {
	h, err := history.Open(p.folder(), p.layout())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot find the migrations in %s: %w; plumb init sets a project up, --dir names another folder", p.folder(), err)
	}
	if err == nil {
		err = p.trusted(h)
	}
	if err != nil {
		return err
	}
	kept := !errors.Is(h.Verify(), migrate.ErrChecksumNotFound)
	name, err := h.NextPath(phase, title, time.Now().UTC())
	if err != nil {
		return err
	}
	text := report.Migration{
		Path:       path.Join(filepath.Base(p.folder()), name),
		Purpose:    sentence(title),
		References: references(h, nil),
		Plan:       &diff.Plan{},
	}.Text()
	if err := h.WriteFile(name, []byte(text)); err != nil {
		return err
	}
	if kept {
		if err := h.WriteSum(); err != nil {
			return err
		}
		p.say("when it is written, plumb hash records it in atlas.sum")
	}
	return p.print(filepath.Join(p.folder(), filepath.FromSlash(name)) + "\n")
}

// sentence turns a name into words: "Add guest reviews."
func sentence(title string) string {
	words := strings.Join(strings.FieldsFunc(title, func(r rune) bool { return r == '_' || r == '-' || r == ' ' }), " ")
	first, rest := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(words[rest:], ".") + "."
}
