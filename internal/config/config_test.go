package config

import (
	"reflect"
	"strings"
	"testing"
)

const project = `
variable "db_url" {
  type    = string
  default = "postgres://localhost/app"
}

locals {
  dir = "file://migrations"
}

phases    = ["mvp.0", "v1"]
numbering = "sequence"
dev_init  = "file://platform.sql"

env "staging" {
  url     = var.db_url
  src     = "file://schema.sql"
  dev     = "docker://postgres/17/dev"
  schemas = ["public"]
  exclude = ["auth", "storage.*[type=table]"]
  migration {
    dir    = local.dir
    format = atlas
  }
  lint {
    latest = 1
  }
}

env "production" {
  url               = getenv("PLUMB_TEST_URL")
  download_postgres = true
  phases            = ["only"]
}
`

func TestParse(t *testing.T) {
	t.Setenv("PLUMB_TEST_URL", "postgres://prod/app")
	c, err := Parse("atlas.hcl", []byte(project), map[string]string{"db_url": "postgres://other/app"}, "")
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Env("staging")
	if err != nil {
		t.Fatal(err)
	}
	want := &Env{Name: "staging", URL: "postgres://other/app", Src: "file://schema.sql", Settings: Settings{
		Phases: []string{"mvp.0", "v1"}, Numbering: "sequence", DevInit: []string{"platform.sql"}, Dir: "migrations",
		Schemas: []string{"public"}, Exclude: []string{"auth", "storage.*[type=table]"},
	}}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("staging is %+v\nwant %+v", e, want)
	}
	e, err = c.Env("production")
	if err != nil || e.URL != "postgres://prod/app" || !e.DownloadPostgres || e.Phases[0] != "only" {
		t.Errorf("production is %+v, %v", e, err)
	}
	if got := strings.Join(c.Ignored, "; "); !strings.Contains(got, "migration.format") || !strings.Contains(got, "env staging.lint") || !strings.Contains(got, "dev (") {
		t.Errorf("ignored: %s", got)
	}
	if _, err := c.Env("nowhere"); err == nil || !strings.Contains(err.Error(), "staging, production") {
		t.Errorf("an unknown env gives %v", err)
	}
}

func TestParseNamesThePlaceOfWhatIsWrong(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"\nnumbering = \"odd\"\n", `atlas.hcl:2: numbering must be "sequence" or "per_folder"`},
		{"env \"a\" {\n  schemas = 3\n}\n", "atlas.hcl:2: schemas must be a list of texts"},
		{"download_postgres = \"perhaps\"\n", "atlas.hcl:1: download_postgres must be true or false"},
		{"env \"a\" {\n", "atlas.hcl:1"},
		{"variable \"x\" {\n  type = string\n}\nenv \"a\" {\n  url = var.x\n}\n", "--var"},
	} {
		_, err := Parse("atlas.hcl", []byte(tc.text), nil, "")
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q gives %v, want %s", tc.text, err, tc.want)
		}
	}
}
