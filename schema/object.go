// Package schema holds the nouns of plumb: what an object of a PostgreSQL
// database is, what a snapshot of all of them is, and what is known about a
// kind of object. It imports nothing of plumb and talks to no server.
package schema

import "slices"

// ID identifies an object by the words that the server prints for it, so that
// it means the same in any two databases: {"trigger", "audit on app.users"}.
// Names are qualified and quoted as pg_identify_object prints them.
type ID struct{ Kind, Name string }

func (id ID) String() string {
	if id.Name == "" {
		return id.Kind
	}
	return id.Kind + " " + id.Name
}

// IsZero reports whether id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// Less orders IDs by kind, then name.
func (id ID) Less(other ID) bool {
	if id.Kind != other.Kind {
		return id.Kind < other.Kind
	}
	return id.Name < other.Name
}

// CompareIDs orders IDs as Less does, for package slices.
func CompareIDs(a, b ID) int {
	switch {
	case a == b:
		return 0
	case a.Less(b):
		return -1
	}
	return 1
}

// Object is one thing that can be created, altered or dropped alone: a table,
// a column, a default, a constraint, a comment, a privilege.
type Object struct {
	ID ID
	// Parent is the object that this one is a part of: dropping it drops
	// this one. Zero for what stands alone.
	Parent ID
	// Attrs is what is compared.
	Attrs Attrs
	// Needs lists what must exist before this object does, from pg_depend.
	Needs []ID
	// With lists the objects, the parent among them, whose drop takes this
	// one down without a word (pg_depend's automatic and internal entries).
	With []ID
	// Order is the column number and the like: for printing and as evidence
	// of a rename; it is never compared.
	Order int
}

// Get is the value of an attribute; "" if the server said NULL or the
// attribute does not exist on its version.
func (o *Object) Get(name string) string {
	if i := slices.Index(o.Attrs.Names, name); i >= 0 {
		return o.Attrs.Values[i]
	}
	return ""
}

// Has reports whether an attribute is set to anything.
func (o *Object) Has(name string) bool { return o.Get(name) != "" }

// Is reports whether a boolean attribute, printed by the server as t, is true.
func (o *Object) Is(name string) bool { return o.Get(name) == "t" }

// Attrs maps names to the text that the server printed. Objects of one kind
// share Names.
type Attrs struct {
	Names  []string
	Values []string
}

// Snapshot is the state of one database at one moment.
type Snapshot struct {
	// Version is the server's version number, such as 150018.
	Version int
	Objects map[ID]*Object
	// Brought lists what extensions made and did not record as members of
	// theirs: what hangs on those, such as the index of a table.
	Brought []ID
	// Seeds lists the tables whose rows belong to the schema and were read.
	Seeds []string
	// NotExamined lists what the database holds and plumb did not compare,
	// each as pg_describe_object says it.
	NotExamined []string
	// Hidden counts what was left out by a named rule.
	Hidden map[string]int
}

// NotVisible is the value of an attribute that the server does not show to
// this role; it is compared with nothing.
const NotVisible = "(not visible)"

// NotShown lists the attributes that the server did not show, each as
// "kind name: attribute", sorted.
func (s *Snapshot) NotShown() []string {
	var out []string
	for id, o := range s.Objects {
		for i, v := range o.Attrs.Values {
			if v == NotVisible {
				out = append(out, id.String()+": "+o.Attrs.Names[i])
			}
		}
	}
	slices.Sort(out)
	return out
}

// Empty is the snapshot of a database that holds nothing.
func Empty(version int) *Snapshot {
	return &Snapshot{Version: version, Objects: map[ID]*Object{}}
}

// Major is the server's major version, such as 15.
func (s *Snapshot) Major() int { return s.Version / 10000 }

// Sorted lists the objects by kind, then name.
func (s *Snapshot) Sorted() []*Object {
	out := make([]*Object, 0, len(s.Objects))
	for _, o := range s.Objects {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b *Object) int { return CompareIDs(a.ID, b.ID) })
	return out
}
