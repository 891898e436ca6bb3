package devserver

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// A slot is a folder with a cluster in it, kept between runs because initdb takes most of a second. One
// run at a time has it, under a file lock; a second plumb takes the next slot. Slots are made for one
// build of the server and one set of initdb flags, which the path of the slot tells. Only the data folder
// belongs to the user who runs the server: where that is not the user who runs plumb, SQL that starts
// programs cannot lay a link where root will write.
//
//	clusters/17.10-0f3a…/0.lock   the lock
//	clusters/17.10-0f3a…/0/data   what initdb made
//	clusters/17.10-0f3a…/0/boot   when the machine was started; written when the slot is whole
type slot struct {
	dir  string
	lock *flock.Flock
}

// maxSlots bounds how many private clusters of one build run at once.
const maxSlots = 64

// takeSlot locks the first slot that nobody uses.
func takeSlot(b Binaries) (*slot, error) {
	dir, err := slotsDir(b)
	if err != nil {
		return nil, err
	}
	for i := range maxSlots {
		s := &slot{dir: filepath.Join(dir, strconv.Itoa(i))}
		s.lock = flock.New(s.dir + ".lock")
		locked, err := s.lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("cannot lock %s.lock: %w", s.dir, err)
		}
		if locked && !s.inUse() {
			return s, nil
		}
		s.lock.Close()
	}
	return nil, fmt.Errorf("all %d clusters in %s are in use", maxSlots, dir)
}

// slotsDir makes the folder of a build's slots.
func slotsDir(b Binaries) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	program, err := os.Stat(b.program("postgres"))
	if err != nil {
		return "", err
	}
	build := sha256.Sum256(fmt.Append(nil, b.Dir, program.Size(), program.ModTime().UnixNano(), initdbFlags, platformInitdbFlags))
	dir := filepath.Join(cache, "clusters", fmt.Sprintf("%s-%x", b.Version, build[:4]))
	return dir, os.MkdirAll(dir, folderMode())
}

func (s *slot) data() string { return filepath.Join(s.dir, "data") }
func (s *slot) boot() string { return filepath.Join(s.dir, "boot") }
func (s *slot) log() string  { return filepath.Join(s.dir, "log") }

// inUse tells whether a server still runs in the slot although its plumb is gone: it has been told to
// stop, and may need a moment.
func (s *slot) inUse() bool {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	return err == nil && pid > 0 && processLives(pid)
}

// usable tells whether the slot's cluster may be started as it is. fsync is off: what a machine that
// crashed left on its disk is not trusted, so a slot lives no longer than until the next boot.
func (s *slot) usable() bool {
	boot, err := os.ReadFile(s.boot())
	return err == nil && string(boot) == bootID()
}

// prepare makes the slot's cluster where there is none that is usable. ALTER SYSTEM of an earlier run
// is undone in any case.
func (s *slot) prepare(ctx context.Context, b Binaries) error {
	if !s.usable() {
		if err := s.initdb(ctx, b); err != nil {
			return err
		}
	}
	err := os.Remove(filepath.Join(s.data(), "postgresql.auto.conf"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func (s *slot) initdb(ctx context.Context, b Binaries) error {
	sweepSlots(filepath.Dir(filepath.Dir(s.dir)))
	if err := s.discard(); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, folderMode()); err != nil {
		return err
	}
	if err := os.Mkdir(s.data(), 0o700); err != nil {
		return err
	}
	if err := giveAway(s.data()); err != nil {
		return err
	}
	flags, err := authFlags(s.dir)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, b.program("initdb"), append(append(flags, "-D", s.data()), initdbFlags...)...)
	cmd.Dir = s.dir
	cmd.Env = environment()
	unprivileged(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb of PostgreSQL %s: %w\n%s", b.Version, errors.Join(err, ctx.Err()), tail(out))
	}
	return os.WriteFile(s.boot(), []byte(bootID()), 0o600)
}

// discard throws the slot's cluster away. The mark of a whole slot goes first.
func (s *slot) discard() error {
	return errors.Join(os.RemoveAll(s.boot()), os.RemoveAll(s.dir))
}

// sweepSlots discards the slots of all builds that nobody runs and nobody will: those of an earlier boot.
// What cannot be removed stays for another time.
func sweepSlots(clusters string) {
	locks, _ := filepath.Glob(filepath.Join(clusters, "*", "*.lock"))
	for _, path := range locks {
		s := &slot{dir: strings.TrimSuffix(path, ".lock"), lock: flock.New(path)}
		if locked, err := s.lock.TryLock(); err == nil && locked && !s.usable() && !s.inUse() {
			s.discard()
		}
		s.release()
	}
}

func (s *slot) release() error { return s.lock.Close() }

// environment is what the server's programs are started with: none of the user's PG* variables, and
// messages that can be read.
func environment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		name = strings.ToUpper(name)
		if !strings.HasPrefix(name, "PG") && !strings.HasPrefix(name, "LC_") && name != "LANG" && name != "TZ" {
			env = append(env, v)
		}
	}
	return env
}

// tail keeps the last lines of a program's output, where the reason stands.
func tail(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}
