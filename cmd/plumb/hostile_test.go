package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// command runs plumb within the test, in a folder of its own with the files.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(args, &out, &err)
	return code, out.String(), err.String()
}

// lost checks what plumb says when it could not do what it was asked.
func lost(t *testing.T, code int, stdout, stderr string) {
	t.Helper()
	if code != exitError || stdout != "" || !strings.HasPrefix(stderr, "plumb: ") {
		t.Errorf("exit code %d, want 1; stdout %q, stderr %q", code, stdout, stderr)
	}
	if strings.Contains(stderr, "S3cr3t") || strings.Contains(stderr, "goroutine") {
		t.Errorf("it says %q", stderr)
	}
	if left, _ := filepath.Glob("out/.*"); len(left) > 0 {
		t.Errorf("it left %q behind", left)
	}
}

// folder makes the current folder one that holds a history.
func folder(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, dir := range []string{"migrations", "out"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join("migrations", "001_units.sql"), []byte(units), 0o644); err != nil {
		t.Fatal(err)
	}
}

const units = `CREATE TABLE units (id integer PRIMARY KEY, name text);
CREATE VIEW names AS SELECT name FROM units;
CREATE TABLE migrations_log (filename text);
INSERT INTO migrations_log VALUES ('001_units.sql');
`

// live makes a database that is in sync with the folder.
func live(t *testing.T) *devserver.Database {
	t.Helper()
	if liveServer == nil {
		t.Skip("there is no PostgreSQL on this machine; scripts/fetch-postgres fetches one")
	}
	db, err := liveServer.Create(context.Background(), devserver.Locale{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Drop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	conn, err := db.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.PgConn().Exec(context.Background(), units).Close(); err != nil {
		t.Fatal(err)
	}
	return db
}

// Behind a transaction pooler a database is read as it is read directly, even
// where there is one session for both of plumb's connections.
func TestPooler(t *testing.T) {
	for _, sessions := range []int{1, 2} {
		db := live(t)
		folder(t)
		p, address := newPooler(t, db.URL(), sessions)
		for _, args := range [][]string{
			{"audit", "--url", address},
			{"diff", "--from", address, "--to", db.URL(), "--exit-code"},
		}[:sessions] {
			code, stdout, stderr := command(t, args...)
			if code != exitOK {
				t.Errorf("with %d sessions plumb %s exits with %d\n%s%s", sessions, args[0], code, stdout, stderr)
			}
			if strings.Contains(stdout+stderr, "S3cr3t") {
				t.Errorf("plumb %s says the password:\n%s%s", args[0], stdout, stderr)
			}
		}
		if p.handed.Load() < 5 {
			t.Errorf("the pooler has handed out %d transactions; was it asked at all?", p.handed.Load())
		}
	}
}

// A server that goes away, after whatever message, leaves plumb with an error,
// and nobody with half a file.
func TestServerGoesAway(t *testing.T) {
	db := live(t)
	folder(t)
	const most = 100_000
	for n := 0; n < most; n += 1 + n/30 {
		c := newCutter(t, db, n)
		code, stdout, stderr := command(t, "snapshot", c.address(), "-o", "out/live.plumb")
		c.close()
		if code == exitOK {
			if n < 100 {
				t.Errorf("it was done after %d messages", n)
			}
			return
		}
		lost(t, code, stdout, stderr)
		if _, err := os.Stat("out/live.plumb"); err == nil {
			t.Errorf("after %d messages there is a file, and exit code %d", n, code)
		}
	}
	t.Errorf("after %d messages it was not done", most)
}

// Ctrl-C ends a reading that hangs: nothing is left of it, here or on the server.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot interrupt itself there")
	}
	db := live(t)
	folder(t)
	for _, args := range [][]string{{"drift"}, {"audit"}} {
		c := newCutter(t, db, 60)
		c.hang = make(chan struct{})
		go func() {
			<-c.hang
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Signal(os.Interrupt)
		}()
		code, stdout, stderr := command(t, append(args, "--url", c.address())...)
		c.close()
		lost(t, code, stdout, stderr)
		if !strings.Contains(stderr, "stopped before the end; nothing was left behind") {
			t.Errorf("it says %q", stderr)
		}
	}
}

// A database that answers no more does not stop the audit of the others.
func TestAuditGoesOn(t *testing.T) {
	db := live(t)
	folder(t)
	c := newCutter(t, db, 60)
	c.hang = make(chan struct{})
	defer c.close()
	code, stdout, stderr := command(t, "audit", "--timeout", "5s", c.address(), db.URL())
	if code != exitError || !strings.Contains(stdout, "2 databases: 1 identical to the migrations, 1 could not be told") ||
		!strings.Contains(stdout, "it took longer than 5s (--timeout)") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
