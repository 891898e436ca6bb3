//go:build unix

package devserver

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestMain lets the test binary play a plumb that is about to be killed.
func TestMain(m *testing.M) {
	if role := os.Getenv("DEVSERVER_TEST_ROLE"); role != "" {
		if err := play(role); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		time.Sleep(time.Minute)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// play starts a server, guarded in the way that role names, does some work there and prints the pid of
// the server.
func play(role string) error {
	ctx := context.Background()
	if role == "guard" {
		return playGuarded(ctx)
	}
	s, err := Start(ctx, Config{})
	if err != nil {
		return err
	}
	if role == "kernel" { // without the guard
		s.cluster.process.guard.cmd.Process.Kill()
	}
	d, err := s.Create(ctx, Locale{})
	if err != nil {
		return err
	}
	conn, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE ROLE left_behind; CREATE TABLE t AS SELECT generate_series(1, 100000)"); err != nil {
		return err
	}
	fmt.Println(s.cluster.process.cmd.Process.Pid)
	return nil
}

// playGuarded starts a server as on a system whose kernel does not help: only the guard watches it.
func playGuarded(ctx context.Context) error {
	b, err := search("", 0)
	if err != nil {
		return err
	}
	slot, err := takeSlot(b)
	if err != nil {
		return err
	}
	if err := slot.prepare(ctx, b); err != nil {
		return err
	}
	at, err := listen(slot)
	if err != nil {
		return err
	}
	if _, err := newGuard(slot); err != nil {
		return err
	}
	cmd := exec.Command(b.program("postgres"), arguments(b, slot.data(), at)...)
	cmd.Dir = slot.dir
	unprivileged(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	fmt.Println(cmd.Process.Pid)
	return nil
}

func TestTheServerDiesWithAKilledPlumb(t *testing.T) {
	b, err := search("", 0)
	if err != nil {
		t.Skip("no PostgreSQL is installed")
	}
	for _, role := range []string{"plumb", "kernel", "guard"} {
		t.Run(role, func(t *testing.T) {
			if role == "kernel" && runtime.GOOS != "linux" {
				t.Skip("only Linux's kernel ends a child with its parent")
			}
			t.Setenv("PLUMB_PG_BIN", b.Dir)
			t.Setenv("XDG_CACHE_HOME", reachable(t))
			killPlayer(t, role)
			startAfterKill(t)
		})
	}
}

// killPlayer starts a player and kills it when its server runs; five seconds later nothing may run.
func killPlayer(t *testing.T, role string) {
	player := exec.Command(os.Args[0])
	player.Env = append(os.Environ(), "DEVSERVER_TEST_ROLE="+role)
	out, err := player.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := player.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil {
		t.Fatalf("the player did not start a server: %v", err)
	}
	player.Process.Kill()
	killed := time.Now()
	player.Wait()
	for processLives(pid) {
		if time.Since(killed) > 5*time.Second {
			t.Fatalf("server %d still runs", pid)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Logf("the server was gone after %v", time.Since(killed).Round(time.Millisecond))
}

// startAfterKill takes the very slot of the killed run, which must be as good as new.
func startAfterKill(t *testing.T) {
	s, err := Start(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n := filepath.Base(s.cluster.slot.dir); n != "0" {
		t.Errorf("it runs in slot %s", n)
	}
	left, err := names(t.Context(), s.admin, `SELECT rolname FROM pg_roles WHERE rolname = 'left_behind'
		UNION ALL SELECT datname FROM pg_database WHERE datname LIKE 'plumb\_dev\_%'`)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestASlotInWhichAServerRunsIsNotTaken(t *testing.T) {
	b, err := search("", 0)
	if err != nil {
		t.Skip("no PostgreSQL is installed")
	}
	t.Setenv("XDG_CACHE_HOME", reachable(t))
	first, err := takeSlot(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(first.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	pid := fmt.Appendln(nil, os.Getpid())
	if err := os.WriteFile(filepath.Join(first.data(), "postmaster.pid"), pid, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	second, err := takeSlot(b)
	if err != nil {
		t.Fatal(err)
	}
	defer second.release()
	if second.dir == first.dir {
		t.Errorf("%s was taken although its server runs", second.dir)
	}
}

func TestASlotIsNotTrustedAfterAReboot(t *testing.T) {
	s := &slot{dir: t.TempDir()}
	for boot, want := range map[string]bool{bootID(): true, "another": false, "": false} {
		if err := os.WriteFile(s.boot(), []byte(boot), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := s.usable(); got != want {
			t.Errorf("usable is %v with boot id %q", got, boot)
		}
	}
}
