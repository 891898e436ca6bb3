package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind is everything that plumb knows about one kind of object. It is a value:
// adding a kind adds one file and one line in the list of kinds.
type Kind struct {
	// Name is the kind's name in PostgreSQL's words: "table", "policy".
	Name string
	// Noun is what DROP, ALTER and COMMENT ON call it: "TABLE". Empty for
	// what those statements do not know, such as a privilege.
	Noun string
	// Query reads all objects of the kind. Its first columns are
	//
	//	classid, objid, objsubid   the object's address in pg_depend
	//	name                       the ID's name
	//	pclassid, pobjid, pobjsubid  the parent's address, or NULLs
	//	ord                        Object.Order
	//
	// and every further column is an attribute. It is plain SQL for an
	// empty search_path; a line that ends in a comment such as "-- 15+" or
	// "-- <18" is for those majors only. The reader adds the conditions
	// that hold for every kind (see catalog.Read).
	Query string
	// Attrs declares the attributes that the query returns.
	Attrs []Attr
	// Anywhere is set where the query chooses for itself among what initdb
	// and extensions made; the reader then adds no condition.
	Anywhere bool
	// Hangs is set where objects hang on others that exist without them,
	// such as comments: the ID's name is "on " and the parent's ID, followed
	// by the query's name, and the reader adds the attribute "on", how a
	// statement refers to the parent. A query may give "on" itself for
	// parents that are no objects of plumb's: built-in functions, members of
	// extensions, which stand for the extension then, and the NOT NULL of a
	// domain, which stands for the domain.
	Hangs bool
	// Owned is set where an object goes down with what pg_depend says it hangs
	// on, but does not need it: a statement of its own ties it to that, such
	// as ALTER SEQUENCE … OWNED BY, and an object of its own holds the tie.
	Owned bool
	// Undoes is set where the drop of an object undoes those of its kind that
	// need it, though they change so that they no longer do: REVOKE on a table
	// takes away what was granted on its columns.
	Undoes bool
	// Open is set where a database may hold objects that its history does not
	// make without having drifted, as it may hold rows.
	Open bool
	// Depends is a query for dependencies that pg_depend does not hold, with
	// pg_depend's columns: classid, objid, objsubid, refclassid, refobjid,
	// refobjsubid, deptype. A deptype of plumb's own, "-", takes an entry of
	// pg_depend back.
	Depends string
	// Relies returns what an object needs, and what takes it down without a
	// word, beyond what pg_depend says: a privilege needs that which gave the
	// right to grant it. What in does not hold is passed over. nil: none.
	Relies func(o *Object, in *Snapshot) (needs, with []ID)
	// Loses reports whether dropping an object loses rows. nil: never.
	Loses func(*Object) bool
	// Inside lists the kinds whose CREATE can hold this one, such as
	// "table" for a column. CanInside, if set, says which objects can.
	Inside    []string
	CanInside func(*Object) bool
	// Joins reports whether a part can be added to its parent as that is; if
	// not, the parent is made anew. nil: it can.
	Joins func(part, parent *Object) bool
	// Create returns the statements that make the object. Parts are the
	// objects to be made inside it.
	Create func(Built) []string
	// Secret reports whether the statements that make the object hold *** where
	// a person is to write what plumb must not know. nil: never.
	Secret func(*Object) bool
	// Adopt returns the statements that make an object of one of another kind
	// that is to go, so that what that holds is kept: a key of a unique index,
	// which is not built again. nil (and no Adopt at all): not of that one.
	Adopt func(old, new *Object) []string
	// Drop returns the statements that drop it; nil: DROP Noun Name. It is
	// not asked for a mirror, which goes with what it repeats.
	Drop func(*Object) []string
	// Ref is how COMMENT ON and the like refer to an object; nil: Noun Name.
	Ref func(*Object) string
	// Qualifies is set where the name of an object, and a dot, stand before those
	// of the objects that are in it.
	Qualifies bool
	// Rename returns the statements that give old the name of new, be it in another
	// schema; nil where there are none. No Rename: an object of this kind cannot be
	// renamed.
	Rename func(old, new *Object) []string
	// Resembles reports whether two objects of one number, parent and kind may
	// be one that was renamed and has changed besides. nil: they may not.
	Resembles func(old, new *Object) bool
	// Sought is set where what needs an object is better not made anew: one that is
	// gone, and one that is new, which are the same but for their names in all that
	// is compared and in what needs them, are one that was renamed.
	Sought bool
	// Follows is set where the server's text of an object follows the renaming
	// of what it needs word for word, as a constraint's does. A view's does
	// not: its columns keep their names.
	Follows bool
	// Stub returns the statements that make, or turn an object into, a
	// stand-in of the same shape that needs less, for objects that need each
	// other in a circle; an empty list where there can be none. Fill returns
	// those that turn the stand-in into the object.
	Stub, Fill func(*Object) []string
	// Aside renames an object so that its successor can be made before it is
	// dropped, and returns the statements; nil if that object cannot be. Set
	// for types: the columns of a type move from the old one to the new one.
	// DropAside drops it under the name that Aside gave it.
	Aside     func(*Object) []string
	DropAside func(*Object) []string
	// Rebind returns the statements that make an object, old as it is and new
	// as it will be, let go of a type set aside and take its successor. An
	// empty list says that nothing needs to be done, nil (and no Rebind at
	// all) that the object must be made anew.
	Rebind func(old, new *Object) []string
	// Park returns the statements that have an object that is in the way, old as
	// it is and new as it will be, keep its values as something that needs nothing,
	// and those that make the new one of that. nil: it is dropped.
	Park func(old, new *Object) (away, back []string)
	// Rewrites reports whether a change from old to new (nil for one that is made)
	// reads and writes all rows of its parent, which the server refuses while there
	// are objects that hold such rows: they are parked. nil: none does.
	Rewrites func(old, new *Object) bool
	// Vanishing lists the values, as SQL, that old has and its successor new
	// lacks; nil: all are kept. Guard returns statements that stop where rows of
	// a dependent o hold values that vanish from a type, and count these rows.
	Vanishing func(old, new *Object) []string
	Guard     func(o *Object, of ID, vanishing []string) []string
	// RebindBlocks lists the kinds of dependents that stand in the way of Rebind.
	RebindBlocks []string
	// Forgets reports whether the server, where it makes an object anew because
	// something that it is about has changed (Attr.Rebuilds), forgets some of
	// what is not in its mirrors. nil: it makes no such object anew.
	Forgets func(*Object) bool
	// Mirror reports whether an object only repeats one that it needs, as an
	// inherited column does. What is in the way of a change to that one
	// includes what hangs on the mirror, but not the mirror. nil: Own.
	Mirror func(*Object) Mirror
	// Apart is a mirror as it is while no tie has it follow another.
	Apart func(*Object) *Object
	// Stays reports whether a mirror was declared by itself too, and so is still
	// there when what it mirrors is dropped. nil: none does.
	Stays func(*Object) bool
	// Leads reports whether a mirror is more than what a tie makes of the object
	// that it mirrors, and so must be there before that, which is merged with it.
	// nil: none is.
	Leads func(*Object) bool
	// Untied reports whether a mirror, old as it was (nil for a new one) and new as
	// it will be, can be made only while no tie has it follow another. nil: none.
	Untied func(old, new *Object) bool
	// Tie is set where an object ties its parent to what it needs, so that
	// changes to the parts of that one pass to the parent's, as between a
	// partitioned table and its partition.
	Tie bool
	// Several is set for ties of which an object may have more than one at once,
	// so that it need not be without any as it moves from one to another.
	Several bool
	// Late reports whether a part is made only after the tie that passes it to
	// another object, whose mirror of it would be another one if the tie
	// brought it. Where that object is to have none, mirror is nil. nil: never.
	Late func(part, mirror *Object) bool
	// Taken lists the mirrors beside an object of its own that it would be taken
	// for, were it there when a tie, or what they mirror, brings them. nil: none.
	Taken func(*Object) []ID
	// Sticks is set where objects have no statement that undoes them: what one
	// needs is made anew. It reports whether even that cannot be dropped while
	// the tie of what the object is a part of stays: then that is undone.
	Sticks func(*Object) bool
	// Together is how a statement of an object's change begins that is run as one
	// with those of other objects which begin so, "" if it is run alone. nil: all are.
	Together func(o *Object, sql string) string
	// Set is a setting that the statements which make or change an object
	// need in their session, such as "check_function_bodies = off". Empty: none.
	Set string
	// After names objects, there or not, whose steps come before those of o,
	// as the change of an owner does before what is granted on the object;
	// when o is dropped it is the other way round. nil: none.
	After func(o *Object) []ID
	// Counts is set where the statements that make an object go by the rows that are
	// there, so that they come after the ties that bring some.
	Counts bool
	// Last is set where steps come after all others that do not wait for
	// them, since they change what the server makes by itself of the others
	// (Implies).
	Last bool
	// Stops reports whether a change from old to new (nil for a drop) ends what
	// would act on other steps, so that it goes before those that it needs not
	// wait for. nil: none does.
	Stops func(old, new *Object) bool
	// Called holds the nouns that settings have for objects of the kind beside
	// its name, and for which of them: a foreign key is a constraint.
	Called map[string]func(*Object) bool
	// CreateOnline and DropOnline return the statements that do so while rows
	// are written, each to be run outside of a transaction; nil where
	// PostgreSQL has none.
	CreateOnline, DropOnline func(*Object) []string
	// Names lists the names that an object takes in the server's name
	// spaces, such as "relation public.units", so that an object which gives
	// a name up goes before one of another kind that takes it. nil: none.
	Names func(*Object) []string
	// Chosen is the name of an object among those from which the server chooses one
	// that is free for what is made without; "" if it has none. Spelled is a new object
	// with its name given in its statement, for where another has it. nil: the server
	// chooses none.
	Chosen  func(*Object) string
	Spelled func(*Object) *Object
	// Implies returns the objects that the server makes by itself beside a
	// new object in a database of which from has the objects whose kinds say so
	// (Gives), such as the privileges that ALTER DEFAULT PRIVILEGES gives. nil: none.
	Implies func(from *Snapshot, created *Object) []*Object
	Gives   bool
	// Before returns an object as a server of an earlier major is to make it: without
	// what that has no word for and need not be told. nil: as it is.
	Before func(o *Object, major int) *Object
	// Unlike reports whether an object tells how a database differs from what there is
	// without anybody's doing, and two majors differ in that. nil: none does.
	Unlike func(o *Object, low, high int) bool
	// Widens reports whether a change from old to new (either may be nil)
	// gives somebody more access, or takes a safeguard away.
	Widens func(old, new *Object) bool
}

// Attr is one attribute of a kind.
type Attr struct {
	Name string
	// Fact is set where the attribute is for printing only and not compared.
	Fact bool
	// Printed is set where the server prints an expression that it has parsed,
	// and may print it in other words once it has read those again.
	Printed bool
	// Follows is set where the text of this attribute alone follows renamings.
	Follows bool
	// Lists is set where it lists the object's own parts: it follows the renamings
	// of these, and not of another object's.
	Lists bool
	// Relabels reports whether the texts of two objects, as they follow renamings,
	// are one but for the names of the objects' own parts. Parts are renamed only
	// where it does; otherwise the object is another. nil: the text names no parts.
	Relabels func(old, new *Object) bool
	// Gains reports whether the texts are one but for such names and for what new
	// parts have added: then parts are renamed too, and Alter does the rest. nil: no.
	Gains func(old, new *Object) bool
	// Alter returns the statements that turn old into new in place; an empty
	// list says that nothing needs to be done, nil (and no Alter at all) that
	// the object must be made anew. Where several attributes return the same
	// statement, it is run once.
	Alter func(old, new *Object) []string
	// Blocks says which dependents (by kind, or noun: see Called) must be out
	// of the way while Alter runs. nil: none.
	Blocks func(old, new *Object) []string
	// Rebuilds reports whether Alter has the server make dependents anew by
	// itself, as a column's new type does its indexes. nil: it does not.
	Rebuilds func(old, new *Object) bool
	// Unties reports whether Alter runs only while the ties are undone through
	// which the object mirrors another. nil: never.
	Unties func(old, new *Object) bool
	// Moves lists names, each old and new, that Alter changes in the texts of
	// what needs the object too, as an extension takes its members along to
	// another schema. nil: none.
	Moves func(old, new *Object) [][2]string
	// Verbatim reports whether the server keeps the text as it was written,
	// with names that it does not follow. nil: it does not.
	Verbatim func(*Object) bool
	// Known returns what of the text a server of an earlier major can hold,
	// so that states of two majors do not seem to differ in what only one of
	// them has a notion of, such as a privilege. nil: all of it.
	Known func(text string, major int) string
	// Guess says what Alter takes for granted though it may be otherwise, as a
	// sentence; "" for nothing. nil: never anything.
	Guess func(old, new *Object) string
	// Alone is set where Alter's statements must be committed before what
	// they make can be used (ALTER TYPE … ADD VALUE).
	Alone bool
}

// Mirror says whether an object is its own or repeats another's, which is tied
// to its parent.
type Mirror int

// The ways to be a mirror.
const (
	Own      Mirror = iota // no mirror
	Demanded               // a new tie demands that it is there, as it does inherited columns
	Brought                // a new tie brings it along, as it does a partition's indexes
	Attached               // it is made by itself, and then goes with what it repeats
)

// Built is an object to be created together with its parts.
type Built struct {
	*Object
	Parts []Built
	// Of is what a mirror repeats, as it was before, where that stays; nil if it is new.
	Of *Object
	// Joins is set for a mirror that comes with a new tie, not because what it repeats is new.
	Joins bool
	// Tied is set for a mirror that comes by itself, because a tie made it.
	Tied bool
}

// Part is the first part of a kind, or nil.
func (b Built) Part(kind string) *Object {
	for _, p := range b.Parts {
		if p.ID.Kind == kind {
			return p.Object
		}
	}
	return nil
}

// Attr finds a declared attribute.
func (k *Kind) Attr(name string) (*Attr, bool) {
	for i := range k.Attrs {
		if k.Attrs[i].Name == name {
			return &k.Attrs[i], true
		}
	}
	return nil, false
}

// Nouns lists what settings call an object of the kind: "materialized_view".
func (k *Kind) Nouns(o *Object) []string {
	out := []string{strings.ReplaceAll(k.Name, " ", "_")}
	for _, noun := range slices.Sorted(maps.Keys(k.Called)) {
		if k.Called[noun](o) {
			out = append(out, noun)
		}
	}
	return out
}

// RefTo is how a statement refers to the object: "TABLE public.units".
func (k *Kind) RefTo(o *Object) string {
	if k.Ref != nil {
		return k.Ref(o)
	}
	return k.Noun + " " + o.ID.Name
}

// DropOf returns the statements that drop the object.
func (k *Kind) DropOf(o *Object) []string {
	if k.Drop != nil {
		return k.Drop(o)
	}
	return []string{fmt.Sprintf("DROP %s", k.RefTo(o))}
}

// Kinds is the list of all kinds in the order in which their objects are
// preferably created; it is the registry that readers and planners are given.
type Kinds []*Kind

// Find returns the kind of that name, or nil.
func (ks Kinds) Find(name string) *Kind {
	for _, k := range ks {
		if k.Name == name {
			return k
		}
	}
	return nil
}
