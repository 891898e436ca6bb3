package report

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/xeipuuv/gojsonschema"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// evil is a name that tries to leave every format: a terminal's line, a cell of
// Markdown, a workflow command, a CDATA section, a script.
const evil = "x\n::error::pwned\r\n\x1b[2J</td><script>alert(1)</script>]]>|`@all`,title=y%0A"

// evilDrift holds such a name wherever a database can put one.
func evilDrift() *Drift {
	table := object("table", evil, schema.ID{}, "security", "t")
	d := &Drift{
		Target: evil, Expected: "migrations", Version: "001_a.sql", Major: 15,
		Findings: Findings([]diff.Change{
			{New: object("column", evil, schema.ID{}, "type", evil)},
			{New: object("policy", evil, schema.ID{}, "using", evil)},
			{Old: table},
		}, kinds),
		Pending: []string{evil}, Unknown: []string{evil}, NotExamined: []string{evil}, NotVisible: []string{evil}, Hidden: map[string]int{evil: 1},
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		f.Made = Place{"001_a.sql", 3, evil}
		f.Changed = f.Made
		f.Revert, f.Adopt = []string{evil}, []string{evil}
	}
	all, err := ParseAcceptances("x", "table * | 2999-01-01 | "+strings.Split(evil, "\n")[0]+" | the reason")
	if err != nil {
		panic(err)
	}
	d.Accept(all, time.Now())
	return d
}

// written is the evil report in a format.
func written(t *testing.T, format string) string {
	t.Helper()
	var out strings.Builder
	if err := FindFormat(format).Write(evilDrift(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Nothing that a database says moves a cursor, in whatever format.
func TestFormatsHoldNoControls(t *testing.T) {
	for _, f := range Formats {
		text := written(t, f.Name)
		if strings.ContainsAny(text, "\x1b\r") {
			t.Errorf("%s holds a control character: %q", f.Name, text)
		}
		if text == "" {
			t.Errorf("%s says nothing", f.Name)
		}
	}
}

// The log of a job finds no command in what people read, whatever it is about.
func TestTextHoldsNoCommands(t *testing.T) {
	const command = "\n  ::error::pwned\n##[error]pwned\n##vso[task.setvariable]x"
	d := &Drift{Unknown: []string{command[3:]}, Findings: Findings([]diff.Change{
		{New: object("column", "b", schema.ID{}, "type", command)},
		{Old: object("column", "c", schema.ID{}, "type", "x"), New: object("column", "c", schema.ID{}, "type", command)},
	}, kinds)}
	d.Findings[0].Revert = []string{command}
	var out strings.Builder
	for _, err := range []error{d.Text(&out, false), d.Findings[0].Explain(&out), d.Findings[1].Explain(&out)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(out.String(), "\n|") {
		t.Error("the value is not shown at all")
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
			t.Errorf("a command: %q", line)
		}
	}
}

// A workflow runs the commands that plumb writes, and none that a name smuggles in.
func TestGitHubCommands(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(written(t, "github")), "\n") {
		if strings.HasPrefix(line, "::") != strings.Contains(line, "title=plumb D-") || strings.HasPrefix(strings.TrimSpace(line), "::error::pwned") {
			t.Errorf("an unexpected command: %s", line)
		}
		if n := strings.Count(line, "::"); strings.HasPrefix(line, "::") && !strings.Contains(line, "::error") && n > 3 {
			t.Errorf("too many marks: %s", line)
		}
	}
}

func TestMarkdownHoldsNoMarkup(t *testing.T) {
	text := written(t, "markdown")
	for _, bad := range []string{"<script", "\n::error", "](", "@all"} {
		if strings.Contains(text, bad) {
			t.Errorf("it holds %q:\n%s", bad, text)
		}
	}
}

func TestHTMLHoldsNoMarkup(t *testing.T) {
	text := written(t, "html")
	if strings.Contains(text, "<script") || !strings.Contains(text, "&lt;script&gt;") {
		t.Errorf("a name is markup:\n%s", text)
	}
}

func TestJUnitIsXML(t *testing.T) {
	var v struct {
		Suites []struct {
			Cases []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(written(t, "junit")), &v); err != nil {
		t.Fatal(err)
	}
	if c := v.Suites[0].Cases; len(c) != 3 || c[0].Failure == nil || c[2].Skipped == nil {
		t.Errorf("got %+v, want two failures and one that is skipped", v)
	}
}

func TestSARIFIsValid(t *testing.T) {
	r, err := sarif.FromString(written(t, "sarif"))
	if err != nil {
		t.Fatal(err)
	}
	results := r.Runs[0].Results
	if len(results) != 3 || len(results[2].Suppressions) != 1 || results[0].Level != "error" || results[0].PartialFingerprints["plumb/v1"] == "" {
		t.Errorf("got %d results: %+v", len(results), results[0])
	}
	if at := results[0].Locations[0].PhysicalLocation; *at.ArtifactLocation.URI != "migrations/001_a.sql" || *at.Region.StartLine != 3 {
		t.Errorf("the place is %v", at)
	}
}

// What a format has no place for is told in another way.
func TestLeft(t *testing.T) {
	d := evilDrift()
	d.Remarks = []string{"the remark"}
	for _, f := range Formats {
		var out strings.Builder
		if err := f.Write(d, &out); err != nil {
			t.Fatal(err)
		}
		said := strings.ToLower(out.String() + strings.Join(f.Left(d), "\n"))
		for _, want := range []string{"the remark", "not.visible", "not.examined", "applied.*in.no.file"} {
			if !regexp.MustCompile(want).MatchString(said) {
				t.Errorf("%s says nothing of %s", f.Name, want)
			}
		}
	}
}

// A place is a path within the repository, and in SARIF a URI.
func TestPlaces(t *testing.T) {
	d := evilDrift()
	d.Expected, d.Findings = "./db/migrations/", d.Findings[:1]
	d.Findings[0].Made.File = "v1/001 a.sql"
	for format, want := range map[string]string{
		"github": "::error file=db/migrations/v1/001 a.sql,line=3,",
		"gitlab": `"path": "db/migrations/v1/001 a.sql"`,
		"sarif":  `"uri": "db/migrations/v1/001%20a.sql"`,
	} {
		var out strings.Builder
		if err := FindFormat(format).Write(d, &out); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v, no %s in\n%s", format, err, want, out.String())
		}
	}
}

func TestGitLabIsJSON(t *testing.T) {
	var v []struct {
		Fingerprint, Severity string
		Location              struct{ Path string }
	}
	if err := json.Unmarshal([]byte(written(t, "gitlab")), &v); err != nil {
		t.Fatal(err)
	}
	if len(v) != 3 || v[2].Severity != "info" || v[0].Severity != "critical" || v[0].Fingerprint == v[1].Fingerprint || v[0].Location.Path != "migrations/001_a.sql" {
		t.Errorf("got %+v", v)
	}
}

// docs/drift.schema.json describes what is written, and what is written can be
// read again.
func TestJSONSchema(t *testing.T) {
	text, err := os.ReadFile("../../docs/drift.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	described, err := gojsonschema.NewSchema(gojsonschema.NewBytesLoader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*Drift{drift(), evilDrift(), {Target: "empty"}} {
		var out strings.Builder
		if err := d.JSON(&out); err != nil {
			t.Fatal(err)
		}
		result, err := described.Validate(gojsonschema.NewStringLoader(out.String()))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range result.Errors() {
			t.Error(e)
		}
		again, err := ReadDrift([]byte(out.String()))
		if err != nil || len(again.Findings) != len(d.Findings)+len(d.Accepted) {
			t.Errorf("read again: %v, %v", again, err)
		}
	}
}

// An acceptance counts to the end of its last day, needs somebody who answers for
// it, and is told of when it covers nothing.
func TestAccept(t *testing.T) {
	all, err := ParseAcceptances(".plumbignore", "# reviewed\n\ncolumn public.units.* | 2026-01-31 | ana | until v2\nview * | 2026-01-31 | ben | never was\n")
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{
		"2026-01-31": "2 accepted, .plumbignore:4 covers nothing any more; remove it: view *",
		"2026-02-01": "0 accepted, .plumbignore:3 has expired on 2026-01-31, so column public.units.a counts again; ask ana",
	} {
		today, _ := time.Parse(time.DateOnly, day)
		d := drift()
		d.Accept(all, today.Add(20*time.Hour))
		if got := fmt.Sprintf("%d accepted, %s", len(d.Accepted), d.Remarks[0]); got != want {
			t.Errorf("%s: got %s, want %s", day, got, want)
		}
	}
	for text, want := range map[string]string{
		"table x":                        `.plumbignore:1: "" is no day`,
		"\ntable x | tomorrow | ana | y": `.plumbignore:2: "tomorrow" is no day`,
		"table x | 2026-01-31 | | y":     "all four are needed",
		"table x | 2026-01-31 | ana |":   "all four are needed",
	} {
		if _, err := ParseAcceptances(".plumbignore", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
