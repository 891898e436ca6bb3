package devserver

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// dieWithParent lets the kernel end the server when plumb is gone, even after SIGKILL.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT }

// bootID is a text that changes when the machine is started again.
func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id))
}
