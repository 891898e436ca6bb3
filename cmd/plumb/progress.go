package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A progress shows how far a replay is, once it takes more than a second, and
// on a terminal only.
type progress struct {
	mu    sync.Mutex
	out   io.Writer // nil where nobody looks
	start time.Time
	bar   *progressbar.ProgressBar
}

func newProgress(stderr io.Writer) *progress {
	p := &progress{start: time.Now()}
	if f, ok := stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("CI") == "" {
		p.out = stderr
	}
	return p
}

// files notes that some files of several are replayed.
func (p *progress) files(done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil || time.Since(p.start) < time.Second {
		return
	}
	if done == of {
		p.clear()
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(of, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription("replaying"),
			progressbar.OptionClearOnFinish(), progressbar.OptionShowCount())
	}
	_ = p.bar.Set(done)
}

// stop takes the bar off the terminal, so that something can be said.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

// aside takes the bar off the terminal while something is said, by one at a time.
func (p *progress) aside(say func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	say()
}

func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
