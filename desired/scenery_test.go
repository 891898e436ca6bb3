package desired_test

import (
	"context"
	"testing"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/profile"
	"github.com/tvl-platform/plumb/kinds"
)

// Every profile's stand-in can be made on every major.
func TestProfiles(t *testing.T) {
	all, err := profile.All()
	if err != nil || len(all) < 3 {
		t.Fatalf("there are %d profiles: %v", len(all), err)
	}
	installed := map[int]bool{}
	for _, b := range devserver.Installed() {
		installed[b.Major] = true
	}
	for _, major := range dbtest.All {
		if !installed[major] {
			t.Logf("PostgreSQL %d is not installed", major)
			continue
		}
		for _, p := range all {
			b := desired.NewBuilder(desired.Config{Server: devserver.Config{Major: major}, Kinds: kinds.All, Profiles: []string{p.Name}})
			built, err := b.Build(context.Background(), desired.State{Name: "empty", Source: desired.FromNothing})
			if err != nil {
				t.Errorf("%s on %d: %v", p.Name, major, err)
			} else if left := b.Outside(built).Remove(built.Snapshot); p.SQL != "" && left.Hidden["profile "+p.Name] == 0 {
				t.Errorf("%s on %d makes nothing", p.Name, major)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
