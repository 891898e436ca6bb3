package report

import "testing"

// Databases of which the same was found make one cluster, whatever their names
// and versions; the worst of all is the exit code.
func TestAuditClusters(t *testing.T) {
	drifted := func(what string) *Drift { return &Drift{Major: 15, Findings: []Finding{{ID: "D-1", Name: what}}} }
	var a Audit
	for _, r := range []Reading{
		{Database: "a", Drift: &Drift{Target: "a", Major: 15}},
		{Database: "b", Drift: drifted("x")},
		{Database: "c", Drift: drifted("y")},
		{Database: "d", Drift: drifted("y")},
		{Database: "e", Drift: &Drift{Target: "e", Major: 17}},
		{Database: "f", Drift: &Drift{NotVisible: []string{"something"}}},
	} {
		a.Add(r)
	}
	if got, want := a.summary(), "6 databases: 3 identical to the migrations, 2 share drift B, 1 alone with drift A"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
	if a.ExitCode() != 2 {
		t.Errorf("exit code %d, want 2", a.ExitCode())
	}
	a.Add(Reading{Database: "g", Problem: "gone"})
	if a.ExitCode() != 1 {
		t.Errorf("exit code %d, want 1 as one is not known", a.ExitCode())
	}
	for range 26 {
		a.Clusters = append(a.Clusters, &Cluster{Label: "?"})
	}
	if got := a.label(); got != "AC" {
		t.Errorf("the 29th label is %q, want AC", got)
	}
}
