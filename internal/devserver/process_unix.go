//go:build unix

package devserver

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const exe = ""

// nobody is the user who runs the servers of root: initdb and postgres refuse root, and whatever SQL is
// replayed there, programs that it starts can do little. The user has a passwd entry everywhere, without
// which initdb refuses too.
const nobody = 65534

func privileged() bool { return os.Geteuid() == 0 }

// unprivileged makes cmd run in a process group of its own, which a Ctrl-C in the terminal does not
// reach, and as nobody when plumb is root.
func unprivileged(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if privileged() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
}

// giveAway lets the user who runs the server own a file or folder.
func giveAway(path string) error {
	if !privileged() {
		return nil
	}
	return os.Chown(path, nobody, nobody)
}

// processLives tells whether a process runs. One that has ended does not, whether its parent has noticed
// or not: in a container that may take for ever.
func processLives(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) && !isZombie(pid)
}

// quit asks for the immediate shutdown.
func quit(p *os.Process) { p.Signal(syscall.SIGQUIT) }

var platformInitdbFlags = []string{"--auth=trust"}

// authFlags: whoever can enter the socket's folder is the user already.
func authFlags(string) ([]string, error) { return platformInitdbFlags, nil }

// longestSocketPath is one less than the smallest limit of the systems that we know, macOS's.
const longestSocketPath = 103

// listen makes a folder that only the server's user can enter, for the socket. It is in the temporary
// folder because the path of a socket must be short, and because not every home can hold a socket.
func listen(s *slot) (listener, error) {
	if err := removeSocket(s); err != nil {
		return listener{}, err
	}
	dir, err := os.MkdirTemp("", "plumb-")
	if err == nil && len(dir)+len("/.s.PGSQL.5432") > longestSocketPath {
		os.Remove(dir)
		dir, err = os.MkdirTemp("/tmp", "plumb-")
	}
	if err != nil {
		return listener{}, err
	}
	if err := errors.Join(giveAway(dir), os.WriteFile(s.socketRecord(), []byte(dir), 0o600)); err != nil {
		return listener{}, err
	}
	quoted := `"` + strings.ReplaceAll(dir, `"`, `""`) + `"`
	return listener{host: dir, port: port, settings: []string{
		"listen_addresses=", "unix_socket_directories=" + quoted, "unix_socket_permissions=0700",
	}}, nil
}

// removeSocket removes the folder of the slot's last socket.
func removeSocket(s *slot) error {
	dir, err := os.ReadFile(s.socketRecord())
	if err != nil || !strings.HasPrefix(filepath.Base(string(dir)), "plumb-") {
		return nil
	}
	for _, name := range []string{".s.PGSQL.5432", ".s.PGSQL.5432.lock", ""} {
		if err := os.Remove(filepath.Join(string(dir), name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.Remove(s.socketRecord())
}

// A guard is a shell that waits for the end of a pipe whose other end only plumb holds, and then stops
// the server. It works where the kernel does not do it for us, and is started before the server, so that
// there is no moment without it.
type guard struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

// guardScript looks a few times: the server may not have written its pid yet.
const guardScript = `read -r _
for _ in 1 2 3 4 5 6 7 8 9 10; do
	if read -r pid <"$0/postmaster.pid"; then kill -QUIT "$pid"; exit; fi
	sleep 0.2
done 2>/dev/null`

func newGuard(s *slot) (*guard, error) {
	if s.inUse() {
		return nil, fmt.Errorf("a server is running in %s", s.data())
	}
	if err := os.Remove(filepath.Join(s.data(), "postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", guardScript, s.data())
	cmd.Dir = s.dir
	unprivileged(cmd)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &guard{cmd, pipe}, nil
}

// watch does nothing here: the guard finds the server by its data folder.
func (g *guard) watch(*os.Process) error { return nil }

// release ends the guard. The server has ended before.
func (g *guard) release() {
	g.cmd.Process.Kill()
	g.cmd.Wait()
	g.pipe.Close()
}
