package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/config"
)

type initOptions struct{ file, url, phase string }

func newInit(p *project) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Set up a project that has none",
		Long: `Set up a project: write atlas.hcl, and make the folder of its migrations with the
first phase. Migrations that are there already are found, Supabase's, Prisma's and
others' too. With a database, say what comes next for that one. It is only read, and
its address is written nowhere: atlas.hcl takes it from $DATABASE_URL.

Prints what was made. Exit codes: 0 done, 3 there is a project already, 1 an error.`,
		Example: `  plumb init
  plumb init --url "$DATABASE_URL"
  plumb init --dir db/migrations`,
		Args: cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			o.file = cmp.Or(strings.TrimPrefix(p.path, "file://"), config.File)
			if _, err := os.Lstat(o.file); err == nil {
				return verdict{exitRefused, "there is a project here already: " + o.file + "; it was left as it is"}
			}
			p.path = ""
			return p.load()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return runInit(cmd.Context(), p, o) },
	}
	cmd.Flags().StringVarP(&o.url, "url", "u", "", "the `DATABASE` that the project is about, to say what comes next")
	cmd.Flags().StringVar(&o.phase, "phase", "mvp.0", "the first `FOLDER` of migrations, where there are none yet")
	return cmd
}

func runInit(ctx context.Context, p *project, o initOptions) error {
	h, err := p.findMigrations()
	if err != nil {
		return err
	}
	next, err := p.next(ctx, o.url, h)
	if err != nil {
		return err
	}
	made := []string{o.file}
	if h == nil {
		h = &history.History{Phases: []string{o.phase}}
		first := filepath.Join(p.folder(), o.phase)
		if err := os.MkdirAll(first, 0o777); err != nil {
			return fmt.Errorf("cannot make the folder of the migrations: %w", err)
		}
		made = append(made, first+string(filepath.Separator))
	}
	if err := writeNew(o.file, projectText(filepath.ToSlash(p.folder()), h.Phases, p.set.Profile)); err != nil {
		return err
	}
	if err := p.print(strings.Join(made, "\n") + "\n"); err != nil {
		return err
	}
	p.say("next: %s", next)
	return nil
}

// usual lists where other tools keep migrations.
var usual = []string{
	"migrations", "supabase/migrations", "prisma/migrations", "atlas/migrations", "db/migrations", "db/migrate",
	"database/migrations", "sql/migrations", "internal/migrations", "drizzle", "src/main/resources/db/migration",
}

// findMigrations finds the migrations that there are: in the folder that was
// named, else where they usually are; nil if there are none.
func (p *project) findMigrations() (*history.History, error) {
	folders := usual
	if p.given.Dir != "" {
		folders = []string{p.folder()}
	}
	var found []string
	for _, dir := range folders {
		if history.IsHistory(os.DirFS(dir)) {
			found = append(found, filepath.FromSlash(dir))
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	p.set.Dir = found[0]
	h, err := history.Open(found[0], p.layout())
	if err != nil {
		return nil, fmt.Errorf("cannot read the migrations in %s: %w", found[0], err)
	}
	p.say("%d migrations were found in %s", len(h.Migrations), found[0])
	if len(found) > 1 {
		p.say("there are others in %s; --dir names the folder that counts", strings.Join(found[1:], ", "))
	}
	return h, nil
}

// writeNew writes a file that is not there yet.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return verdict{exitRefused, path + " is there already; it was left as it is"}
	}
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("cannot write the project file: %w", err)
	}
	return nil
}

// projectText is a project file for a folder of migrations.
func projectText(dir string, phases, profile []string) string {
	var out strings.Builder
	out.WriteString("// The project file of plumb. Atlas reads it too, but for what is marked as plumb's own.\n\n")
	if len(phases) > 0 {
		fmt.Fprintf(&out, "// The folders of the migrations, in order (plumb's own).\nphases = %s\n\n", hclList(phases))
	}
	if len(profile) > 0 {
		fmt.Fprintf(&out, "// The platform that the databases are on (plumb's own).\nprofile = %s\n\n", hclList(profile))
	}
	fmt.Fprintf(&out, `// A place where the schema lives. plumb drift --env local compares it with the migrations.
env "local" {
  url = getenv("DATABASE_URL") // passwords stay out of this file

  migration {
    dir = %q
  }

  // What is not the project's business: a schema, or schema.name with * for anything.
  // exclude = ["audit", "public.tmp_*"]

  // The schema that is wanted, for plumb generate --env local: a .sql file, or a folder of them.
  // src = "file://schema.sql"
}

// Another place:
//
// env "production" {
//   url = getenv("PRODUCTION_URL")
//   migration {
//     dir = %q
//   }
// }
//
// Changes that plumb generate leaves out, and indexes that it makes while rows are written:
//
// diff {
//   skip {
//     drop_table = true
//   }
//   concurrent_index {
//     create = true
//   }
// }
//
// Tables whose rows the migrations make:
//
// seed "public.roles" {}
`, "file://"+dir, "file://"+dir)
	return out.String()
}

func hclList(words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, fmt.Sprintf("%q", w))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// next says what comes next.
func (p *project) next(ctx context.Context, url string, h *history.History) (string, error) {
	switch {
	case h != nil:
		return `plumb drift --url "$DATABASE_URL" compares a database with the migrations`, nil
	case url == "":
		return `plumb new NAME makes a migration to write by hand; plumb baseline "$DATABASE_URL" takes over a database that has no migrations`, nil
	}
	live, err := p.live(url)
	if err != nil {
		return "", err
	}
	b, err := p.builder(ctx, live)
	if err != nil {
		return "", err
	}
	defer b.Close()
	empty, now, err := b.Sides(ctx, desired.State{Name: "empty", Source: desired.FromNothing}, live)
	if err != nil {
		return "", err
	}
	if n := len(diff.Compare(empty, now, p.kinds())); n > 0 {
		return fmt.Sprintf(`plumb baseline "$DATABASE_URL" writes the migration that makes the %d objects of %s`, n, live.Name), nil
	}
	return fmt.Sprintf("plumb new NAME makes the first migration: %s is empty", live.Name), nil
}
