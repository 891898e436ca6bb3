package desired

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/redact"
)

// A State is a schema as somebody named it: a history of migrations, files of
// SQL, a snapshot that was saved, a live database, or nothing at all.
type State struct {
	// Name is how messages call the state; it holds no password.
	Name   string
	Source Source
	// Path is the folder or file; empty for a database.
	Path string
	// UpTo is the version at which a history is meant, "" for its end.
	UpTo string
	// Skip lists files of a history to leave out, by path.
	Skip []string
	// URL is the address of a database, password included.
	URL string
}

// Source says where a state comes from.
type Source string

// The sources.
const (
	FromNothing  Source = "empty"
	FromHistory  Source = "history"
	FromSQL      Source = "sql"
	FromSnapshot Source = "snapshot"
	FromDatabase Source = "database"
)

// Names resolves the names that only a project file can explain.
type Names struct {
	Dir    string                       // what the word "migrations" means
	Env    func(string) (string, error) // the address of an environment
	Layout history.Layout               // of histories
}

// Parse finds out what state a person means.
//
//	migrations                the project's history
//	DIR, file://DIR           a folder with a history, or of SQL files
//	…?to=mvp.1, …?to=005      that history up to a phase, a number or a file
//	FILE.sql, file://FILE.sql a schema in SQL
//	FILE                      a snapshot that plumb snapshot wrote, whatever its name
//	FILE.json                 a snapshot that plumb inspect --format json wrote
//	postgres://…              a live database
//	env://staging             the database of an environment in atlas.hcl
//	empty                     nothing
func (n Names) Parse(arg string) (State, error) {
	switch scheme, rest, found := strings.Cut(arg, "://"); {
	case arg == "":
		return State{}, errors.New("cannot read a state with no name; give a folder, a file, a postgres:// address or empty")
	case arg == "empty":
		return State{Name: arg, Source: FromNothing}, nil
	case !found && isDSN(arg), found && (scheme == "postgres" || scheme == "postgresql"):
		return State{Name: redact.Text(arg), Source: FromDatabase, URL: arg}, nil
	case found && scheme == "env":
		return n.parseEnv(rest)
	case found && scheme != "file":
		return State{}, fmt.Errorf("cannot read %s: the scheme %s:// is unknown; use file://, postgres:// or env://", redact.Text(arg), scheme)
	case found:
		return n.parsePath(rest)
	}
	return n.parsePath(arg)
}

var dsn = regexp.MustCompile(`^\s*(?:host|hostaddr|port|dbname|user|service|password)\s*=`)

func isDSN(arg string) bool { return dsn.MatchString(arg) }

func (n Names) parseEnv(name string) (State, error) {
	if n.Env == nil {
		return State{}, fmt.Errorf("cannot read env://%s: there is no atlas.hcl here; write one, or name it with -c", name)
	}
	address, err := n.Env(name)
	if err != nil {
		return State{}, err
	}
	if !strings.Contains(address, "postgres") && !isDSN(address) {
		return n.Parse(address)
	}
	return State{Name: "env://" + name, Source: FromDatabase, URL: address}, nil
}

func (n Names) parsePath(arg string) (State, error) {
	s := State{Name: arg}
	path, query, _ := strings.Cut(arg, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return State{}, fmt.Errorf("cannot read %s: %w", arg, err)
	}
	for key := range values {
		if key != "to" {
			return State{}, fmt.Errorf("cannot read %s: the option %q is unknown; only ?to=VERSION is known", arg, key)
		}
	}
	s.Path, s.UpTo = filepath.FromSlash(path), values.Get("to")
	if path == "migrations" && n.Dir != "" {
		s.Path = n.Dir
	}
	info, err := os.Stat(s.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return State{}, fmt.Errorf("cannot read %s: there is no such file or folder; a database is named as postgres://…", arg)
	case err != nil:
		return State{}, fmt.Errorf("cannot read %s: %w", arg, err)
	case info.IsDir():
		s.Source = n.folder(s.Path)
	default:
		s.Source, err = fileSource(s.Path)
	}
	if err == nil && s.UpTo != "" && s.Source != FromHistory {
		err = fmt.Errorf("cannot read %s: ?to= needs a folder of numbered migrations", arg)
	}
	return s, err
}

// folder tells a history from a folder of SQL files. The project's own folder
// is a history also while it is empty.
func (n Names) folder(path string) Source {
	if filepath.Clean(path) == filepath.Clean(n.Dir) || history.IsHistory(os.DirFS(path)) {
		return FromHistory
	}
	return FromSQL
}

// fileSource tells files apart by what they say of themselves, else by name.
func fileSource(path string) (Source, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case isSaved(path), ext == ".json", ext == SavedExt:
		return FromSnapshot, nil
	case ext == ".sql":
		return FromSQL, nil
	}
	return "", fmt.Errorf("cannot read %s: a state is a folder, a .sql file or a snapshot", path)
}
