package report

import (
	"io"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// JUnit writes the report as the result of tests: a suite for the database, and
// a case for each finding, or a single one that has passed.
func (d *Drift) JUnit(w io.Writer) error {
	suite := junit.Testsuite{Name: OneLine("plumb drift " + d.Target)}
	for _, f := range d.Findings {
		c := junit.Testcase{Classname: "drift." + string(f.Group), Name: OneLine(f.Object()) + " " + f.ID}
		c.Failure = &junit.Result{Message: f.Title(), Type: string(f.Severity()), Data: inXML(f.Title() + detailed(f) + madeBy(f))}
		suite.AddTestcase(c)
	}
	for _, f := range d.Accepted {
		c := junit.Testcase{Classname: "drift." + string(f.Group), Name: OneLine(f.Object()) + " " + f.ID}
		c.Skipped = &junit.Result{Message: OneLine("accepted by " + f.Acceptance.Owner + ": " + f.Acceptance.Reason)}
		suite.AddTestcase(c)
	}
	if len(suite.Testcases) == 0 {
		suite.AddTestcase(junit.Testcase{Classname: "drift", Name: OneLine("in sync with " + d.Expected)})
	}
	var suites junit.Testsuites
	suites.AddSuite(suite)
	return suites.WriteXML(w)
}

func madeBy(f Finding) string {
	if at := f.MadeAt(); at != "" {
		return "\nmade by " + OneLine(at)
	}
	return ""
}

// inXML takes out of text what would end its CDATA section, in which it is
// written as it is.
func inXML(text string) string { return strings.ReplaceAll(text, "]]>", "]] >") }
