package desired

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// A Scope says what of a database is a project's business. The zero Scope is
// everything.
type Scope struct {
	// Schemas, if any, are the only ones.
	Schemas []string
	// Include, if any, lists all that is left in, as Exclude does what is not.
	Include []string
	// Exclude lists what is left out: a schema, or schema.name, both with *
	// for anything, and both with [type=KIND] at the end for one kind only.
	Exclude []string
}

// rule is the rule of the scope that leaves an object out, "" if none does.
func (s Scope) rule(snap *schema.Snapshot, o *schema.Object) string {
	in := schemaOf(snap, o)
	if len(s.Schemas) > 0 && in != "" && !matchAny(s.Schemas, in) {
		return "not in schemas"
	}
	root := rootOf(snap, o)
	if len(s.Include) > 0 && in != "" && !slices.ContainsFunc(s.Include, func(p string) bool { return includes(p, in, root, o) }) {
		return "not in include"
	}
	for _, pattern := range s.Exclude {
		if covers(pattern, in, root.ID, o.ID) {
			return "exclude " + pattern
		}
	}
	return ""
}

// includes reports whether a pattern covers an object, or something that is in
// it: without its schema a table can not be.
func includes(pattern, in string, root, o *schema.Object) bool {
	if root.ID.Name == in {
		around, _, _ := strings.Cut(pattern, ".")
		return match(around, in)
	}
	return covers(pattern, in, root.ID, o.ID)
}

// covers reports whether a pattern is one for an object in a schema.
func covers(pattern, in string, ids ...schema.ID) bool {
	glob, option, _ := strings.Cut(pattern, "[")
	kind := strings.TrimPrefix(strings.TrimSuffix(option, "]"), "type=")
	if !strings.Contains(glob, ".") {
		return in != "" && kind == "" && match(glob, in)
	}
	for _, id := range ids {
		if (kind == "" || strings.ReplaceAll(kind, "_", " ") == id.Kind) && match(glob, id.Name) {
			return true
		}
	}
	return false
}

func matchAny(patterns []string, name string) bool {
	for _, p := range patterns {
		if match(p, name) {
			return true
		}
	}
	return false
}

// match compares a pattern with a name as the server quotes it.
func match(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	bare, berr := path.Match(pattern, strings.ReplaceAll(name, `"`, ""))
	return ok && err == nil || bare && berr == nil
}

// Check reports a pattern that cannot be read.
func (s Scope) Check() error {
	for _, p := range slices.Concat(s.Schemas, s.Include, s.Exclude) {
		glob, _, _ := strings.Cut(p, "[type=")
		if _, err := path.Match(glob, ""); err != nil {
			return fmt.Errorf("cannot read the pattern %q: write schema, schema.name or schema.*[type=table]", p)
		}
	}
	return nil
}

// rootOf is the object that an object is a part of, or the object itself.
func rootOf(snap *schema.Snapshot, o *schema.Object) *schema.Object {
	for range 8 {
		parent := snap.Objects[o.Parent]
		if parent == nil {
			return o
		}
		o = parent
	}
	return o
}

// schemaOf is the name of the schema that an object is in, "" for none: the
// server tracks it as a dependency of the object, or of what it is a part of.
func schemaOf(snap *schema.Snapshot, o *schema.Object) string {
	const kind = "schema"
	for range 8 {
		if o.ID.Kind == kind {
			return o.ID.Name
		}
		for _, n := range o.Needs {
			if n.Kind == kind {
				return n.Name
			}
		}
		parent := snap.Objects[o.Parent]
		if parent == nil {
			return ""
		}
		o = parent
	}
	return ""
}
