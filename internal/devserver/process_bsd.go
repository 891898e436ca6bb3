//go:build unix && !linux

package devserver

import (
	"os/exec"

	"golang.org/x/sys/unix"
)

// dieWithParent does nothing: these kernels cannot do it, and the guard does.
func dieWithParent(*exec.Cmd) {}

func isZombie(int) bool { return false } // init collects them at once

// bootID is a text that changes when the machine is started again.
func bootID() string {
	at, err := unix.SysctlRaw("kern.boottime")
	if err != nil {
		return ""
	}
	return string(at)
}
