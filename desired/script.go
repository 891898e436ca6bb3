package desired

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/history"
)

// A Script is a file of SQL, ready to be replayed.
type Script struct {
	Path       string // as messages show it
	Statements []history.Statement
	TxMode     history.TxMode
}

// NewScript splits the text of a file into statements.
func NewScript(path, text string) (Script, error) {
	stmts, err := history.SplitStatements(path, text)
	return Script{Path: path, Statements: stmts}, err
}

// historyScripts lists the files of a history in the order of replay.
func historyScripts(h *history.History) []Script {
	var out []Script
	for _, f := range h.Migrations {
		out = append(out, Script{f.Path, f.Statements, f.TxMode})
	}
	return out
}

// readScripts reads a file of SQL, or all those of a folder in the order of
// their names.
func readScripts(path string) ([]Script, error) {
	var paths []string
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (p == path || strings.EqualFold(filepath.Ext(p), ".sql")) {
			paths = append(paths, p)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("cannot read %s: there is no .sql file in it", path)
	}
	slices.Sort(paths)
	var out []Script
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", p, err)
		}
		s, err := NewScript(filepath.ToSlash(p), string(text))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
