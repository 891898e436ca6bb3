package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb"
	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/internal/config"
	"github.com/tvl-platform/plumb/internal/devserver"
)

func newDemo(p *project) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Show the whole loop on a throw-away PostgreSQL",
		Long: `Show the whole loop on a throw-away PostgreSQL and a copy of the platform's own
migrations: replay, drift, the next migration, in sync again. Nothing of yours
is touched.`,
		Example: `  plumb demo`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), p) },
	}
}

// byHand is what somebody does to a database in a hurry.
const byHand = `CREATE TABLE guest_reviews (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id     uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    unit_id    uuid        NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    stars      smallint    NOT NULL CHECK (stars BETWEEN 1 AND 5),
    body       text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX guest_reviews_unit_id_idx ON guest_reviews (unit_id);
ALTER TABLE units ADD COLUMN nickname text;
ALTER TABLE bookings DISABLE ROW LEVEL SECURITY;`

const takeBack = "ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;"

func runDemo(ctx context.Context, p *project) error {
	dir, err := os.MkdirTemp("", "plumb-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := copyMigrations(dir); err != nil {
		return err
	}
	p.env, p.set = nil, config.Settings{Dir: filepath.Join(dir, "migrations"), Dev: p.set.Dev, DownloadPostgres: p.set.DownloadPostgres}
	b, err := p.builder(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	d := demo{p: p, b: b}
	return d.run(ctx)
}

// copyMigrations writes the platform's migrations into a folder.
func copyMigrations(dir string) error {
	return fs.WalkDir(plumb.Migrations, ".", func(path string, e fs.DirEntry, err error) error {
		target := filepath.Join(dir, filepath.FromSlash(path))
		if err != nil || e.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		data, err := plumb.Migrations.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}

// A demo tells a story with two databases, staging and production.
type demo struct {
	p *project
	b *desired.Builder
}

func (d *demo) run(ctx context.Context) error {
	built, err := d.b.Build(ctx, d.p.history())
	if err != nil {
		return err
	}
	if err := d.tell("# %d migrations were replayed into a throw-away PostgreSQL %d: they make %d objects.\n"+
		"# Two databases are made from them, staging and production.\n# On staging somebody is in a hurry:\n\n%s\n",
		len(built.History.Migrations), built.Snapshot.Major(), len(built.Snapshot.Objects), indent(byHand)); err != nil {
		return err
	}
	staging, err := d.b.Clone(ctx, built)
	if err != nil {
		return err
	}
	production, err := d.b.Clone(ctx, built)
	if err != nil {
		return err
	}
	if err := execute(ctx, staging, byHand); err != nil {
		return err
	}
	if err := d.drift(ctx, "staging", staging); err != nil {
		return err
	}
	if err := d.tell("# What opens a table to everybody is taken back; the rest is wanted, and becomes a migration:\n\n%s\n", indent(takeBack)); err != nil {
		return err
	}
	if err := execute(ctx, staging, takeBack); err != nil {
		return err
	}
	text, err := d.generate(ctx, staging)
	if err != nil {
		return err
	}
	if err := d.tell("# Production gets the new migration, and both are in sync:\n\n$ psql production -f %s\n", "migrations/v1/008_add_guest_reviews.sql"); err != nil {
		return err
	}
	if err := execute(ctx, production, text); err != nil {
		return err
	}
	if err := d.drift(ctx, "production", production); err != nil {
		return err
	}
	return d.drift(ctx, "staging", staging)
}

func (d *demo) tell(format string, args ...any) error {
	return d.p.print(fmt.Sprintf(format, args...) + "\n")
}

// state is a database of the demo as a command line would name it.
func state(name string, db *devserver.Database) desired.State {
	return desired.State{Name: name, Source: desired.FromDatabase, URL: db.URL()}
}

func (d *demo) drift(ctx context.Context, name string, db *devserver.Database) error {
	c, err := d.p.driftOn(ctx, d.b, state(name, db), true)
	if err != nil {
		return err
	}
	c.drift.Expected = "migrations"
	var text strings.Builder
	if err := c.drift.Text(&text, d.p.colours()); err != nil {
		return err
	}
	return d.tell("$ plumb drift --url %s\n%s", name, text.String())
}

// generate writes the next migration and returns its text.
func (d *demo) generate(ctx context.Context, db *devserver.Database) (string, error) {
	g := generation{p: d.p, b: d.b, o: generateOptions{name: "add_guest_reviews"}}
	if err := g.plan(ctx, d.p.history(), state("staging", db)); err != nil {
		return "", err
	}
	name, text, err := g.write(ctx)
	if err != nil {
		return "", err
	}
	return text, d.tell("$ plumb generate add_guest_reviews --to staging\nmigrations/%s\n\n%s", name, indent(text))
}

func execute(ctx context.Context, db *devserver.Database, sql string) error {
	conn, err := db.Connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.PgConn().Exec(ctx, sql).Close()
}

func indent(text string) string {
	return strings.ReplaceAll("    "+strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    "), "    \n", "\n")
}
