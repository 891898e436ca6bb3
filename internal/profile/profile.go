// Package profile knows what hosting platforms put into a database, so that it
// looks neither like drift nor like the project's own. A profile is data in one
// file.
package profile

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// A Profile is one platform.
type Profile struct {
	Name string `toml:"-"`
	// FoundBy lists what a database has that is on the platform: all of it.
	FoundBy struct {
		Schemas []string `toml:"schemas"`
		Roles   []string `toml:"roles"`
	} `toml:"found_by"`
	// Schemas are the platform's, with what is in them; but objects of the Kept
	// kinds are the project's there too, and so is what needs an object of the
	// project's.
	Schemas []string `toml:"schemas"`
	Kept    []string `toml:"kept"`
	// Managed are those of the schemas in which a project makes nothing by itself:
	// what the platform's functions make there for it is the platform's too.
	Managed []string `toml:"managed"`
	// Logs are those of the schemas in which projects' logs of migrations are kept.
	Logs []string `toml:"logs"`
	// Roles are those that projects grant to, Internal those that nobody but the
	// platform has to do with.
	Roles    []string `toml:"roles"`
	Internal []string `toml:"internal"`
	// Owner is the role that owns databases there, whatever its name: what others
	// grant to the owner of a database is the platform's doing.
	Owner string `toml:"owner"`
	// Guarded are objects that the platform lets no role of a project's reach: who
	// may is told, as the project has granted it.
	Guarded struct {
		Schemas []string `toml:"schemas"`
		Kinds   []string `toml:"kinds"`
	} `toml:"guarded"`
	// Names lists, by kind, what is the platform's by its name alone.
	Names map[string][]string `toml:"names"`
	// SQL stands for the platform in a database that is not on it.
	SQL string `toml:"sql"`
}

//go:embed *.toml
var files embed.FS

// All lists the profiles by name.
func All() ([]*Profile, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var out []*Profile
	for _, e := range entries {
		p := &Profile{Name: strings.TrimSuffix(e.Name(), path.Ext(e.Name()))}
		meta, err := toml.DecodeFS(files, e.Name(), p)
		if err != nil {
			return nil, fmt.Errorf("cannot read the profile %s: %w", p.Name, err)
		}
		if unknown := meta.Undecoded(); len(unknown) > 0 {
			return nil, fmt.Errorf("cannot read the profile %s: %s is unknown", p.Name, unknown[0])
		}
		out = append(out, p)
	}
	return out, nil
}

// Named returns the profiles of some names.
func Named(names []string) ([]*Profile, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	var out []*Profile
	for _, name := range names {
		i := slices.IndexFunc(all, func(p *Profile) bool { return p.Name == name })
		if i < 0 {
			var known []string
			for _, p := range all {
				known = append(known, p.Name)
			}
			return nil, fmt.Errorf("cannot find the profile %q; there are %s, and none", name, strings.Join(known, ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}

// In lists the profiles of the platform that a database with these schemas and
// roles is on.
func In(schemas, roles []string) ([]*Profile, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p *Profile) bool {
		return !holds(schemas, p.FoundBy.Schemas) || !holds(roles, p.FoundBy.Roles)
	}), nil
}

func holds(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// Internals lists the roles that nobody but the platform has to do with.
func (p *Profile) Internals() []string {
	if p.Owner == "" {
		return p.Internal
	}
	return append(slices.Clone(p.Internal), p.Owner)
}

// Named lists what is the platform's of a kind.
func (p *Profile) Named(kind string) []string {
	if kind == "role" {
		return slices.Concat(p.Roles, p.Internals())
	}
	return p.Names[kind]
}

// Provides reports whether a role, or a schema or anything else by its name, is
// one that migrations on the platform find there.
func (p *Profile) Provides(role, name string) bool {
	if slices.Contains(p.Named("role"), role) || slices.Contains(p.Schemas, name) {
		return true
	}
	for _, names := range p.Names {
		if slices.Contains(names, name) {
			return true
		}
	}
	return false
}
