package devserver

import (
	"os/exec"
	"runtime"
	"time"
)

// A process is a running server that dies with plumb, however plumb dies.
type process struct {
	cmd   *exec.Cmd
	guard *guard
	done  chan struct{} // closed when the server has ended
	err   error         // why, once done is closed
}

// startProcess starts cmd with a guard over it. The goroutine that starts it waits for it and keeps its
// thread all the while: Linux sends the signal of a parent's death when the *thread* that started the
// child ends, not the process.
func startProcess(cmd *exec.Cmd, slot *slot) (*process, error) {
	unprivileged(cmd)
	dieWithParent(cmd)
	g, err := newGuard(slot)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, guard: g, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		g.release()
		return nil, err
	}
	if err := g.watch(cmd.Process); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// patience is how long a server that was told to stop at once may take. A postmaster kills what does
// not obey after five seconds.
const patience = 10 * time.Second

// stop ends the server and waits until it has ended.
func (p *process) stop() error {
	defer p.guard.release()
	quit(p.cmd.Process)
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
	}
	err := p.cmd.Process.Kill()
	<-p.done
	return err
}
