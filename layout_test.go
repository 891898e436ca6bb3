package plumb_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Dependencies point one way: what compares and plans never reaches a server.
func TestDependencies(t *testing.T) {
	for pkg, forbidden := range map[string][]string{
		"./schema":  {"github.com/jackc/pgx", "github.com/tvl-platform/plumb/"},
		"./kinds":   {"github.com/jackc/pgx", "github.com/tvl-platform/plumb/catalog", "github.com/tvl-platform/plumb/diff"},
		"./diff":    {"github.com/jackc/pgx", "github.com/tvl-platform/plumb/catalog", "github.com/tvl-platform/plumb/kinds"},
		"./catalog": {"github.com/tvl-platform/plumb/diff", "github.com/tvl-platform/plumb/desired"},
		"./history": {"github.com/jackc/pgx", "github.com/tvl-platform/plumb/catalog"},
	} {
		out, err := exec.Command("go", "list", "-deps", pkg).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		self := "github.com/tvl-platform/plumb/" + strings.TrimPrefix(pkg, "./")
		for _, dep := range strings.Fields(string(out)) {
			for _, f := range forbidden {
				if strings.HasPrefix(dep, f) && dep != self {
					t.Errorf("%s depends on %s", pkg, dep)
				}
			}
		}
	}
}
