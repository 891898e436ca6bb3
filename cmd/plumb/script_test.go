package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// liveServer is where the scripts' live databases are; nil without PostgreSQL.
var liveServer *devserver.Server

func TestMain(m *testing.M) {
	testscript.Main(withServer{m}, map[string]func(){"plumb": main})
}

// withServer starts a server for the tests, but not for the commands that they run.
type withServer struct{ m *testing.M }

func (w withServer) Run() int {
	var err error
	if liveServer, err = devserver.Start(context.Background(), devserver.Config{}); err != nil {
		fmt.Fprintln(os.Stderr, "no live databases for the scripts:", err)
	} else {
		defer liveServer.Close()
	}
	return w.m.Run()
}

// TestScripts runs testdata/script on the real command. Besides testscript's
// own commands there are
//
//	database NAME [MAJOR]  makes a live database and sets $NAME to its address;
//	                       say [!pg15] skip first where the major is said
//	sql NAME FILE          runs a file in it; - is a line given on the command line
//	password NAME ROLE     makes a role that needs a password, and sets $NAME_RIGHT,
//	                       $NAME_WRONG and $NAME_NONE to its addresses: the last
//	                       is of a database that does not exist
//	fences DOC LANG FILE   writes the blocks of a language in a document to a file
//	steps YAML JOB FILE    writes what a job of GitHub or GitLab runs to a file, but
//	                       for the lines that install
//	exits CODE plumb …     runs plumb and wants exactly that exit code
func TestScripts(t *testing.T) {
	if liveServer == nil {
		t.Skip("there is no PostgreSQL on this machine; scripts/fetch-postgres fetches one")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			home, err := os.UserCacheDir()
			e.Setenv("XDG_CACHE_HOME", home) // the clusters that are there already
			e.Setenv("HOME", os.Getenv("HOME"))
			if docs, err := filepath.Abs("../../docs"); err == nil {
				e.Setenv("DOCS", docs)
			}
			e.Setenv("TMPDIR", os.TempDir()) // sockets go where another user can reach them
			return err
		},
		Condition: installed,
		Cmds:      map[string]func(*testscript.TestScript, bool, []string){"database": database, "sql": runSQL, "exits": exits, "password": password, "fences": fences, "steps": steps},
	})
}

func database(ts *testscript.TestScript, _ bool, args []string) {
	server := liveServer
	if len(args) > 1 {
		server = serverOf(ts, args[1])
	}
	db, err := server.Create(context.Background(), devserver.Locale{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(db.Drop(context.Background())) })
	ts.Setenv(args[0], db.URL())
	u, err := url.Parse(db.URL())
	ts.Check(err)
	u.User = url.UserPassword(u.User.Username(), "S3cr3t@")
	ts.Setenv(args[0]+"_SECRET", u.String())
}

// serverOf starts a server of a major for the length of a script.
func serverOf(ts *testscript.TestScript, major string) *devserver.Server {
	for _, bin := range devserver.Installed() {
		if fmt.Sprint(bin.Major) != major {
			continue
		}
		server, err := devserver.Start(context.Background(), devserver.Config{Major: bin.Major})
		ts.Check(err)
		ts.Defer(func() { ts.Check(server.Close()) })
		return server
	}
	ts.Fatalf("PostgreSQL %s is not installed", major)
	return nil
}

// installed answers the condition [pg15]: that PostgreSQL is here.
func installed(condition string) (bool, error) {
	var major int
	if _, err := fmt.Sscanf(condition, "pg%d", &major); err != nil {
		return false, fmt.Errorf("the condition %s is unknown", condition)
	}
	return slices.ContainsFunc(devserver.Installed(), func(b devserver.Binaries) bool { return b.Major == major }), nil
}

func runSQL(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.Join(args[2:], " ")
	if args[1] != "-" {
		text = ts.ReadFile(args[1])
	}
	conn, err := pgx.Connect(context.Background(), ts.Getenv(args[0]))
	ts.Check(err)
	defer conn.Close(context.Background())
	ts.Check(conn.PgConn().Exec(context.Background(), text).Close())
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		if _, serr := fmt.Sscanf(err.Error(), "exit status %d", &code); serr != nil {
			ts.Fatalf("%v", err)
		}
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// password has the server of a database ask a new role for its password.
func password(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, ts.Getenv(args[0]))
	ts.Check(err)
	var path, rules string
	ts.Check(conn.QueryRow(ctx, "SELECT setting, pg_read_file(setting) FROM pg_settings WHERE name = 'hba_file'").Scan(&path, &rules))
	write := func(text string) {
		_, err := conn.Exec(ctx, "DO $do$ BEGIN EXECUTE format('COPY (SELECT unnest(string_to_array(%L, E''\\n''))) TO %L', "+literal(text)+", "+literal(path)+"); END $do$; SELECT pg_reload_conf()", pgx.QueryExecModeSimpleProtocol)
		ts.Check(err)
	}
	role := pgx.Identifier{args[1]}.Sanitize()
	_, err = conn.Exec(ctx, "CREATE ROLE "+role+" LOGIN PASSWORD 'S3cr3t@right'")
	ts.Check(err)
	write("local all " + args[1] + " scram-sha-256\n" + rules)
	ts.Defer(func() {
		write(rules)
		_, err := conn.Exec(ctx, "DROP ROLE "+role)
		ts.Check(err)
		ts.Check(conn.Close(ctx))
	})
	u, err := url.Parse(ts.Getenv(args[0]))
	ts.Check(err)
	u.User = url.UserPassword(args[1], "S3cr3t@right")
	ts.Setenv(args[0]+"_RIGHT", u.String())
	u.User = url.UserPassword(args[1], "S3cr3t@wrong")
	ts.Setenv(args[0]+"_WRONG", u.String())
	u.User, u.Path = url.User("postgres"), "/plumb_no_such_database"
	ts.Setenv(args[0]+"_NONE", u.String())
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// fences takes from a document what it tells people to run.
func fences(ts *testscript.TestScript, _ bool, args []string) {
	var out strings.Builder
	block := regexp.MustCompile("(?s)```" + regexp.QuoteMeta(args[1]) + "\n(.*?)```")
	for _, m := range block.FindAllStringSubmatch(ts.ReadFile(args[0]), -1) {
		out.WriteString(m[1])
	}
	if out.Len() == 0 {
		ts.Fatalf("%s has no blocks of %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(out.String()), 0o644))
}

// installs begins the lines of a job that a test cannot run.
var installs = regexp.MustCompile(`^(sudo apt-get|apt-get|go install) `)

// ciJob is a job of GitHub, which has steps, or of GitLab, which has a script.
type ciJob struct {
	Steps []struct{ Run string }
	// Extends names the job that this one takes the rest from.
	Extends string
	Before  []string `yaml:"before_script"`
	Script  []string
}

// steps takes from a CI example what a job tells the shell.
func steps(ts *testscript.TestScript, _ bool, args []string) {
	var file struct {
		Jobs map[string]ciJob     // of GitHub
		Rest map[string]yaml.Node `yaml:",inline"`
	}
	ts.Check(yaml.Unmarshal([]byte(ts.ReadFile(args[0])), &file))
	job := file.Jobs[args[1]]
	for name := args[1]; name != ""; name = job.Extends {
		job.Extends = ""
		node := file.Rest[name]
		ts.Check(node.Decode(&job))
	}
	lines := slices.Concat(job.Before, job.Script)
	for _, s := range job.Steps {
		lines = append(lines, strings.Split(s.Run, "\n")...)
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" || installs.MatchString(l) })
	if len(lines) == 0 {
		ts.Fatalf("job %s of %s runs nothing", args[1], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Join(lines, "\n")+"\n"), 0o644))
}
