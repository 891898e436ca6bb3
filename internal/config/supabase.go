package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// SupabaseFile is the project file of Supabase's own tool.
const SupabaseFile = "supabase/config.toml"

// A Supabase is what plumb takes from there. The rest of that file is about
// other things.
type Supabase struct {
	Major int      // of PostgreSQL; 0 where it is not said
	Dir   string   // the folder of the migrations; "" where there is none, or it is not to be used
	Src   string   // the file or folder of the wanted schema
	Paths []string // the files of the wanted schema, where they are several
	Seeds []string // files of rows for a developer's database
}

// readSupabase reads the file, if there is one.
func readSupabase() (*Supabase, error) {
	var doc struct {
		DB struct {
			Major      int `toml:"major_version"`
			Migrations struct {
				Enabled *bool    `toml:"enabled"`
				Paths   []string `toml:"schema_paths"`
			} `toml:"migrations"`
			Seed struct {
				Paths []string `toml:"sql_paths"`
			} `toml:"seed"`
		} `toml:"db"`
	}
	_, err := toml.DecodeFile(filepath.FromSlash(SupabaseFile), &doc)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return nil, fmt.Errorf("cannot read %s:%d: %s", SupabaseFile, parse.Position.Line, parse.Message)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", SupabaseFile, err)
	}
	s := &Supabase{Major: doc.DB.Major, Seeds: beside(doc.DB.Seed.Paths)}
	if dir := beside([]string{"migrations"})[0]; isFolder(dir) && (doc.DB.Migrations.Enabled == nil || *doc.DB.Migrations.Enabled) {
		s.Dir = dir
	}
	switch paths := beside(doc.DB.Migrations.Paths); {
	case len(paths) == 1 && path.Base(paths[0]) == "*.sql":
		s.Src = path.Dir(paths[0])
	case len(paths) == 1 && !strings.ContainsAny(paths[0], "*?["):
		s.Src = paths[0]
	default:
		s.Paths = paths
	}
	return s, nil
}

// beside makes the paths of the file those from here.
func beside(paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, path.Join(path.Dir(SupabaseFile), p))
	}
	return out
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// String says what was taken from the file, and what was not.
func (s *Supabase) String() string {
	var out []string
	if s.Major != 0 {
		out = append(out, fmt.Sprintf("PostgreSQL %d where no database says otherwise", s.Major))
	}
	if s.Dir != "" {
		out = append(out, "migrations in "+s.Dir)
	}
	if s.Src != "" {
		out = append(out, "the wanted schema in "+s.Src)
	}
	if len(s.Paths) > 0 {
		out = append(out, "not the schema_paths, which are several: name one file or folder with --to")
	}
	if len(s.Seeds) > 0 {
		out = append(out, "not the rows of "+strings.Join(s.Seeds, ", ")+", which are no part of the schema")
	}
	return strings.Join(out, "; ")
}
