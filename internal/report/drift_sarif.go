package report

import (
	"io"
	"net/url"

	"github.com/owenrumney/go-sarif/v3/pkg/report"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

var sarifLevels = map[Severity]string{High: "error", Medium: "warning", Low: "note"}

// SARIF writes the report as static analysis tools do (SARIF 2.1.0). The rules
// are the groups, and a finding's ID is its fingerprint.
func (d *Drift) SARIF(w io.Writer) error {
	run := sarif.NewRunWithInformationURI("plumb", "https://github.com/tvl-platform/plumb")
	for _, g := range Groups {
		run.AddRule("drift/" + string(g)).WithDescription(groupTexts[g])
	}
	for _, f := range d.Findings {
		run.AddResult(d.sarifResult(f))
	}
	for _, f := range d.Accepted {
		why := sarif.NewSuppression().WithKind("external").WithJustification(OneLine(f.Acceptance.Owner + ": " + f.Acceptance.Reason))
		run.AddResult(d.sarifResult(f).WithSuppressions([]*sarif.Suppression{why}))
	}
	out := report.NewV210Report()
	out.AddRun(run)
	return out.PrettyWrite(w)
}

func (d *Drift) sarifResult(f Finding) *sarif.Result {
	r := sarif.NewRuleResult("drift/" + string(f.Group)).
		WithLevel(sarifLevels[f.Severity()]).
		WithMessage(sarif.NewTextMessage(f.Title() + detailed(f))).
		WithPartialFingerprints(map[string]string{"plumb/v1": f.ID})
	if p := d.at(f); p.File != "" {
		place := sarif.NewPhysicalLocation().
			WithArtifactLocation(sarif.NewSimpleArtifactLocation((&url.URL{Path: p.File}).EscapedPath())).
			WithRegion(sarif.NewRegion().WithStartLine(p.Line))
		r.WithLocations([]*sarif.Location{sarif.NewLocationWithPhysicalLocation(place)})
	}
	return r
}

var groupTexts = map[Group]string{
	Security: "Somebody may do more in the database than its migrations say.",
	Changed:  "An object of the database is not as its migrations make it.",
	Missing:  "An object that the migrations make is not in the database.",
	Extra:    "An object of the database is made by no migration.",
}
