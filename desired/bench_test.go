package desired

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/schema"
)

// BenchmarkReplay replays the platform's own history, and has psql do the
// same: compare the two lines. Both make and drop a database for each round.
// No kind is read afterwards: catalog.BenchmarkRead measures that.
func BenchmarkReplay(b *testing.B) {
	files, err := filepath.Glob("../migrations/*/*.sql")
	if err != nil || len(files) == 0 {
		b.Fatal("no migrations found", err)
	}
	b.Run("plumb", func(b *testing.B) {
		builder := NewBuilder(Config{Kinds: schema.Kinds{}})
		defer builder.Close()
		state, err := Names{Dir: "../migrations"}.Parse("migrations")
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			built, err := builder.Build(context.Background(), state)
			if err != nil {
				b.Fatal(err)
			}
			if err := built.db.Drop(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("psql", func(b *testing.B) {
		server, err := devserver.Start(context.Background(), devserver.Config{})
		if err != nil {
			b.Fatal(err)
		}
		defer server.Close()
		for b.Loop() {
			d, err := server.Create(context.Background(), devserver.Locale{})
			if err != nil {
				b.Fatal(err)
			}
			args := []string{"-qX", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", d.URL()}
			for _, f := range files {
				args = append(args, "-f", f)
			}
			if out, err := exec.Command("/usr/lib/postgresql/15/bin/psql", args...).CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
			if err := d.Drop(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
