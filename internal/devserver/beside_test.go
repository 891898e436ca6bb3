package devserver_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// databases lists a server's databases, spares of plumb's own left out.
func databases(t *testing.T, d *devserver.Database) []string {
	t.Helper()
	return strings.Fields(get[string](t, d, "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname !~ '^plumb_spare_'"))
}

func TestTheDevServerIsLeftAsItWas(t *testing.T) {
	each(t, func(t *testing.T, dev *devserver.Server) {
		theirs := create(t, dev)
		before := databases(t, theirs)
		kv := fmt.Sprintf("host=%s user=postgres dbname=%s sslmode=disable", theirs.Config().Host, theirs.Name)
		for _, url := range []string{theirs.URL(), kv} {
			s := start(t, devserver.Config{URL: url})
			if s.Private() || s.Major() != dev.Major() {
				t.Errorf("private %v, major %d", s.Private(), s.Major())
			}
			d := create(t, s)
			exec(t, d, "CREATE TABLE t (a int)")
			c, err := s.Clone(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if got := get[string](t, c, "SELECT current_database()"); got != c.Name {
				t.Errorf("connected to %s instead of %s", got, c.Name)
			}
			if got := get[string](t, c, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"); !strings.HasPrefix(got, "plumb dev database: pid=") {
				t.Errorf("the mark is %q", got)
			}
			if !strings.Contains(d.URL(), d.Name) {
				t.Errorf("the URL %s does not name %s", d.URL(), d.Name)
			}
			stop(t, s)
			if after := databases(t, theirs); !slices.Equal(after, before) {
				t.Errorf("before %v, after %v", before, after)
			}
		}
	})
}

func TestWhatStaysOnTheDevServerIsTold(t *testing.T) {
	dev := start(t, devserver.Config{})
	var told []string
	s := start(t, devserver.Config{URL: create(t, dev).URL(), Log: func(line string) { told = append(told, line) }})
	exec(t, create(t, s), "CREATE ROLE app")
	stop(t, s)
	if len(told) != 1 || !strings.Contains(told[0], "role app is new on the dev server") {
		t.Errorf("told %q", told)
	}
}

func TestTheOrphansOfKilledRunsAreDropped(t *testing.T) {
	dev := start(t, devserver.Config{})
	theirs := create(t, dev)
	// A database whose mark names a process that is gone, or a day that is past, and three that must stay.
	s := start(t, devserver.Config{URL: theirs.URL()})
	mine := create(t, s)
	mark := get[string](t, mine, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()")
	_, rest, _ := strings.Cut(mark, " host=")
	dead := "plumb dev database: pid=4194305 host=" + rest
	old := `plumb dev database: pid=1 host="elsewhere" start=1000000000`
	fresh := `plumb dev database: pid=4194305 host="elsewhere" start=` + mark[strings.LastIndex(mark, "=")+1:]
	for name, comment := range map[string]string{
		"plumb_dev_dead": dead, "plumb_dev_old": old, "plumb_dev_elsewhere": fresh,
		"plumb_dev_unmarked": "their notes", "theirs": dead,
	} {
		exec(t, theirs, "CREATE DATABASE "+name, fmt.Sprintf("COMMENT ON DATABASE %s IS '%s'", name, comment))
	}
	start(t, devserver.Config{URL: theirs.URL()})
	want := []string{mine.Name, theirs.Name, "plumb_dev_elsewhere", "plumb_dev_unmarked", "postgres", "template0", "template1", "theirs"}
	slices.Sort(want)
	got := databases(t, theirs)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestADevServerThatCannotServeIsRefused(t *testing.T) {
	dev := start(t, devserver.Config{})
	theirs := create(t, dev)
	exec(t, theirs, `CREATE ROLE "an app" LOGIN`)
	host := theirs.Config().Host
	for _, test := range []struct{ url, want string }{
		{fmt.Sprintf("host=%s user='an app' password=s3cret dbname=postgres sslmode=disable", host),
			`role "an app" may not create databases; let a superuser run there: ALTER ROLE "an app" CREATEDB`},
		{"postgres://u:s3cret@127.0.0.1:x/db", "cannot read --dev-url"},
		{"postgres://u:s3cret@127.0.0.1:1/db?sslmode=disable", "cannot use the dev server at 127.0.0.1:1"},
		{"postgres://u:s3cret%zz@127.0.0.1:1/db", "cannot read --dev-url"},
		{"postgres://u:s3cret@127.0.0.1/db?sslmode=verify-ca&sslrootcert=/no/such", "cannot read a file that --dev-url names: open /no/such"},
		{"s3cret", "cannot read --dev-url"},
	} {
		_, err := devserver.Start(t.Context(), devserver.Config{URL: test.url})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}
