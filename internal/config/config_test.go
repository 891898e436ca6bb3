package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
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
	c, err := Parse("atlas.hcl", []byte(project), Vars{"db_url": {"postgres://other/app"}}, "")
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
	if got := strings.Join(c.Ignored, "; "); got != "env staging.dev (line 18; plumb has a throw-away server of its own); env staging.lint.latest (line 26)" {
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
		c, err := Parse("atlas.hcl", []byte(tc.text), nil, "")
		if err == nil {
			_, err = c.Env("a")
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q gives %v, want %s", tc.text, err, tc.want)
		}
	}
}

// What Atlas users write in their project files.
const fleet = `
variable "tenants" {
  type    = set(string)
  default = ["acme", "zeta"]
}
variable "password" {
  type = string
}
variable "limit" {
  type    = number
  default = 10
}
data "aws_rds_token" "prod" {
  endpoint = "db.example.com:5432"
}
locals {
  base = "postgres://localhost"
}
atlas {
  cloud { token = "x" }
}
lint {
  destructive { error = true }
}
diff {
  skip {
    drop_schema = true
    drop_table  = true
  }
  concurrent_index { create = true }
}
profile = "supabase"
standards {
  comments = "error"
}
env "tenant" {
  for_each = var.tenants
  url      = "${local.base}/${each.value}"
  exlude   = ["tmp_*"]
  migration {
    dir          = "file://migrations?format=atlas"
    exec_order   = LINEAR_SKIP
    lock_timeout = "${var.limit}s"
    exclude      = ["_prisma_migrations", "audit.*"]
  }
  diff {
    skip { drop_table = false }
    concurrent_index { drop = true }
  }
}
env "shard" {
  for_each = { eu = { port = 1 }, us = { port = 2 } }
  url      = "${local.base}:${each.value.port}/${each.key}"
}
env "named" {
  for_each = ["a", "b"]
  name     = "n_${each.value}"
}
env "secret" {
  url = "postgres://u:${var.password}@localhost/app"
}
env "cloud" {
  url     = "postgres://u:${urlescape(data.aws_rds_token.prod)}@db.example.com/app"
  src     = ["file://a.sql", "file://b.sql"]
  include = ["app.*"]
}
env {
  name = atlas.env
  url  = "postgres://localhost/any"
}
`

func TestParseAFleet(t *testing.T) {
	c, err := Parse("atlas.hcl", []byte(fleet), Vars{"tenants": {"acme", "b,c"}}, "dev")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range c.Envs {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "secret cloud dev tenant-acme tenant-b,c shard-eu shard-us n_a n_b" {
		t.Errorf("the envs are %s", got)
	}
	e, err := c.Env("tenant-acme")
	want := &Env{Name: "tenant-acme", Group: "tenant", URL: "postgres://localhost/acme", Settings: Settings{
		Dir: "migrations", Exclude: []string{"*._prisma_migrations[type=table]", "audit.*"}, Profile: []string{"supabase"},
		Skip:       map[string]bool{"drop_schema": true, "drop_table": false},
		Concurrent: map[string]bool{"create": true, "drop": true}, ExecOrder: "linear-skip", LockTimeout: 10 * time.Second,
	}}
	if err != nil || !reflect.DeepEqual(e, want) {
		t.Errorf("the tenant is %+v, %v\nwant %+v", e, err, want)
	}
	if e, err := c.Env("shard-us"); err != nil || e.URL != "postgres://localhost:2/us" {
		t.Errorf("the shard is %+v, %v", e, err)
	}
	if e, err := c.Env("cloud"); err != nil || e.URL != "" || !reflect.DeepEqual(e.Include, []string{"app.*"}) {
		t.Errorf("an env whose url needs data of another system is %+v, %v", e, err)
	}
	for name, want := range map[string]string{
		"tenant": "tenant stands for tenant-acme, tenant-b,c",
		"secret": "atlas.hcl:60: url needs a variable that has no value; give a value with --var password=VALUE",
	} {
		if _, err := c.Env(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("env %s gives %v, want %s", name, err, want)
		}
	}
	ignored := []string{
		"atlas.cloud.token (line 20)",
		"data aws_rds_token.prod (line 13)",
		"env cloud.src (line 64; plumb takes one file or folder, and this lists several)",
		"env cloud.url (line 63; it needs data that plumb does not ask for)",
		"env tenant.exlude (line 39; did you mean exclude?)",
		"lint.destructive.error (line 23)",
		"standards.comments (line 34)",
	}
	if !reflect.DeepEqual(c.Ignored, ignored) {
		t.Errorf("ignored are %q, want %q", c.Ignored, ignored)
	}
}

// An Atlas user's file has the folder in its envs; it counts without --env too.
func TestProjectTakesTheFolderOfAllEnvs(t *testing.T) {
	for text, want := range map[string]string{
		`env "a" { migration { dir = "file://db" } }`:                                            "db",
		`env "a" { migration { dir = "file://db" } } env "b" {}`:                                 "db",
		`env "a" { migration { dir = "file://db" } } env "b" { migration { dir = "file://x" } }`: "",
		`migration { dir = "top" } env "a" { migration { dir = "file://db" } }`:                  "top",
	} {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "{ ", "{\n"), " }", "\n}\n")
		c, err := Parse("atlas.hcl", []byte(text), nil, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Project().Dir; got != want {
			t.Errorf("%s\nhas the folder %q, want %q", text, got, want)
		}
	}
}

// All that the page on the project file shows is honoured.
func TestThePageIsTrue(t *testing.T) {
	page, err := os.ReadFile("../../docs/project-file.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```hcl\n")
	text, _, found := strings.Cut(text, "```\n")
	if !found {
		t.Fatal("the page shows no file")
	}
	c, err := Parse("atlas.hcl", []byte(text), nil, "")
	if err != nil || len(c.Ignored) > 0 || len(c.Envs) != 3 {
		t.Errorf("the file of the page gives %v; ignored are %q, envs are %d", err, c.Ignored, len(c.Envs))
	}
}
