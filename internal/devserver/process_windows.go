package devserver

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

const exe = ".exe"

// privileged is about root: the server itself gives up an administrator's rights, or says why not.
func privileged() bool { return false }

func unprivileged(cmd *exec.Cmd) {
	cmd.SysProcAttr = &windows.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

func dieWithParent(*exec.Cmd) {} // the guard does it

func giveAway(string) error { return nil }

func processLives(pid int) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return false
	}
	defer windows.CloseHandle(h)
	var code uint32
	const stillActive = 259
	return windows.GetExitCodeProcess(h, &code) == nil && code == stillActive
}

// quit ends the postmaster; its children see that and follow.
func quit(p *os.Process) { p.Kill() }

// bootID is the hour in which the machine was started: what rounding makes of it at worst is one more
// initdb.
func bootID() string {
	return strconv.FormatInt(time.Now().Add(-windows.DurationSinceBoot()).Round(time.Hour).Unix(), 10)
}

var platformInitdbFlags = []string{"--auth=scram-sha-256"}

func passwordFile(dir string) string { return filepath.Join(dir, "password") }

// authFlags: everybody on the machine can reach the port, so the cluster has a password.
func authFlags(dir string) ([]string, error) {
	file := passwordFile(dir)
	if err := os.WriteFile(file, []byte(rand.Text()), 0o600); err != nil {
		return nil, err
	}
	return append([]string{"--pwfile=" + file}, platformInitdbFlags...), nil
}

// listen chooses a TCP port of this machine.
func listen(s *slot) (listener, error) {
	password, err := os.ReadFile(passwordFile(s.dir))
	if err != nil {
		return listener{}, err
	}
	free, err := freePort()
	if err != nil {
		return listener{}, err
	}
	return listener{host: "127.0.0.1", port: free, password: string(password), settings: []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=",
	}}, nil
}

func removeSocket(*slot) error { return nil }

// A guard is a job whose processes the system ends when its last handle is closed, as it is when plumb
// dies.
type guard struct{ job windows.Handle }

func newGuard(*slot) (*guard, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, err
	}
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		windows.CloseHandle(job)
		return nil, fmt.Errorf("cannot make the server end with plumb: %w", err)
	}
	return &guard{job}, nil
}

// watch puts the server into the job, and so every process that it starts.
func (g *guard) watch(p *os.Process) error {
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(p.Pid))
	if err != nil {
		return err
	}
	defer windows.CloseHandle(h)
	return windows.AssignProcessToJobObject(g.job, h)
}

func (g *guard) release() { windows.CloseHandle(g.job) }

// freePort asks the system for a TCP port that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
