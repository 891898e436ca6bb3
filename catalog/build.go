package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

func parseAddress(row [][]byte) Address {
	sub, _ := strconv.ParseInt(string(row[2]), 10, 32)
	return Address{parseUint(row[0]), parseUint(row[1]), int32(sub)}
}

// An entry is an object with its kind.
type entry struct {
	*schema.Object
	kind *schema.Kind
}

// An owner is what an address belongs to, and how: 4 as a member of an
// extension, 3 internally, 2 as a partition's copy, 1 because it goes down with it.
type owner struct {
	Address
	rank int
}

// A builder turns query results into a snapshot.
type builder struct {
	kinds  schema.Kinds
	ids    map[Address]*entry // objects of ours by Address
	owners map[Address]owner  // what stands for an Address that is not one
	known  map[Address]bool   // what is an object, whichever of its parts
	// brought is what extensions made without recording it as theirs.
	brought map[Address]bool
	snap    *schema.Snapshot
	// addresses is noted where it is not nil.
	addresses map[schema.ID]Address
}

func newBuilder(kinds schema.Kinds, version int) *builder {
	return &builder{kinds: kinds, ids: map[Address]*entry{}, known: map[Address]bool{}, brought: map[Address]bool{}, snap: schema.Empty(version)}
}

// build takes the results of the kinds' queries and, after them, the dependencies.
func (b *builder) build(results []result) error {
	var deps result
	for _, r := range results[len(b.kinds):] {
		deps.rows = append(deps.rows, r.rows...)
	}
	var parts []part
	for i, k := range b.kinds {
		more, err := b.take(k, results[i])
		if err != nil {
			return err
		}
		parts = append(parts, more...)
	}
	b.readOwners(deps)
	for _, p := range parts {
		if err := b.setParent(p.entry, p.row); err != nil {
			return err
		}
		b.note(p.ID, parseAddress(p.row))
	}
	b.readNeeds(deps)
	b.relyOn()
	slices.SortFunc(b.snap.Brought, schema.CompareIDs)
	for _, o := range b.snap.Objects {
		slices.SortFunc(o.Needs, schema.CompareIDs)
		slices.SortFunc(o.With, schema.CompareIDs)
	}
	return nil
}

// A part is an object whose parent is still to be found, and its row.
type part struct {
	*entry
	row [][]byte
}

// take adds the objects of a kind, and returns those that are parts.
func (b *builder) take(k *schema.Kind, r result) (parts []part, err error) {
	columns := r.columns
	if !k.Anywhere {
		columns = columns[:len(columns)-1]
	}
	names, err := b.attrNames(k, columns)
	if err != nil {
		return nil, err
	}
	for _, row := range r.rows {
		e, a := &entry{object(k, names, row), k}, parseAddress(row)
		if b.isBrought(k, row) {
			b.snap.Brought = append(b.snap.Brought, e.ID)
			b.brought[a] = true
			continue
		}
		if k.Hangs || row[4] != nil {
			parts = append(parts, part{e, row})
		}
		if k.Hangs {
			continue // named after its parent, which may not be known yet
		}
		if err := b.add(e.Object); err != nil {
			return nil, err
		}
		b.ids[a] = e
		b.known[Address{a.Class, a.Object, 0}] = true
		b.note(e.ID, a)
	}
	return parts, nil
}

// note notes the address of an object, if that was asked for.
func (b *builder) note(id schema.ID, a Address) {
	if b.addresses != nil {
		b.addresses[id] = a
	}
}

// isBrought reports whether a row is an object that an extension made, or a part
// of one. What hangs on one is hidden later (see hang).
func (b *builder) isBrought(k *schema.Kind, row [][]byte) bool {
	switch {
	case k.Anywhere:
		return false
	case string(row[len(row)-1]) == "t":
		return true
	}
	return !k.Hangs && row[4] != nil && b.brought[parseAddress(row[4:7])]
}

// attrNames checks that a query returns the declared attributes and no others.
func (b *builder) attrNames(k *schema.Kind, columns []string) ([]string, error) {
	if len(columns) < fixed {
		return nil, fmt.Errorf("the query of kind %s returns %d columns, want %d and its attributes", k.Name, len(columns), fixed)
	}
	names := columns[fixed:]
	for _, n := range names {
		if _, ok := k.Attr(n); !ok {
			return nil, fmt.Errorf("the query of kind %s returns %q, which is not a declared attribute", k.Name, n)
		}
	}
	return names, nil
}

// object makes an object of a row; its parent and needs are set later.
func object(k *schema.Kind, names []string, row [][]byte) *schema.Object {
	o := &schema.Object{ID: schema.ID{Kind: k.Name, Name: string(row[3])}}
	o.Order, _ = strconv.Atoi(string(row[7]))
	o.Attrs.Names = names
	o.Attrs.Values = make([]string, len(names))
	for i := range names {
		o.Attrs.Values[i] = string(row[fixed+i])
	}
	return o
}

// add enters an object under its ID.
func (b *builder) add(o *schema.Object) error {
	if _, ok := b.snap.Objects[o.ID]; ok {
		return fmt.Errorf("two objects are both called %s", o.ID)
	}
	b.snap.Objects[o.ID] = o
	return nil
}

// setParent finds the parent of an object, and names it if it hangs on it.
func (b *builder) setParent(o *entry, row [][]byte) error {
	var parent *entry
	if row[4] != nil {
		parent = b.ids[parseAddress(row[4:7])]
	}
	if parent != nil {
		o.Parent = parent.ID
	}
	if o.kind.Hangs {
		return b.hang(o.Object, parent, row)
	}
	if parent != nil {
		o.With = append(o.With, o.Parent)
	}
	return nil
}

// hang names an object after what it hangs on. What hangs on something that is
// no object of ours, and is not named by the query, belongs to an extension;
// what is named by the query comes and goes with what stands for it.
func (b *builder) hang(o *schema.Object, parent *entry, row [][]byte) error {
	on := o.Get("on")
	switch {
	case parent != nil:
		on = cmp.Or(on, parent.kind.RefTo(parent.Object))
		o.With = append(o.With, o.Parent)
		o.ID.Name = strings.TrimRight("on "+o.Parent.String()+" "+o.ID.Name, " ")
	case on != "":
		o.ID.Name = strings.TrimRight("on "+on+" "+o.ID.Name, " ")
		if row[4] != nil {
			if e := b.resolve(parseAddress(row[4:7])); e != nil {
				o.Needs, o.With = append(o.Needs, e.ID), append(o.With, e.ID)
			}
		}
	default:
		b.hide(o.ID.Kind+"s of members of extensions", 1)
		return nil
	}
	if i := slices.Index(o.Attrs.Names, "on"); i >= 0 {
		o.Attrs.Values[i] = on
	} else {
		o.Attrs.Names = append([]string{"on"}, o.Attrs.Names...)
		o.Attrs.Values = append([]string{on}, o.Attrs.Values...)
	}
	return b.add(o)
}

// relyOn adds what the kinds themselves know of needs. They look at objects by
// name only, so the order does not matter.
func (b *builder) relyOn() {
	relies := map[string]func(*schema.Object, *schema.Snapshot) (needs, with []schema.ID){}
	for _, k := range b.kinds {
		if k.Relies != nil {
			relies[k.Name] = k.Relies
		}
	}
	for _, o := range b.snap.Objects {
		f := relies[o.ID.Kind]
		if f == nil {
			continue
		}
		there := func(id schema.ID) bool { return b.snap.Objects[id] != nil && id != o.ID }
		needs, with := f(o, b.snap)
		for _, id := range needs {
			if there(id) && !slices.Contains(o.Needs, id) {
				o.Needs = append(o.Needs, id)
			}
		}
		for _, id := range with {
			if there(id) && !slices.Contains(o.With, id) {
				o.With = append(o.With, id)
			}
		}
	}
}

// readOwners notes what stands for an address: its extension, its internal
// owner (rule -> view, row type -> table, index -> constraint), or the object
// that it goes down with.
func (b *builder) readOwners(deps result) {
	b.owners = make(map[Address]owner, len(deps.rows)/2)
	order := [256]int{'e': 4, 'i': 3, 'P': 2, 'a': 1}
	for _, row := range deps.rows {
		from := parseAddress(row)
		if r := order[row[6][0]]; r > 0 && r > b.owners[from].rank {
			b.owners[from] = owner{parseAddress(row[3:]), r}
		}
	}
}

// resolve finds the object that an address stands for; nil if there is none.
func (b *builder) resolve(a Address) *entry {
	for range 8 { // owners form short chains; the bound guards against a loop
		if e := b.ids[a]; e != nil {
			return e
		}
		owner, ok := b.owners[a]
		switch {
		case ok:
			a = owner.Address
		case a.Sub != 0:
			a.Sub = 0
		default:
			return nil
		}
	}
	return nil
}

// copied reports whether an address stands for an object because a partition
// has a copy of that, whose needs are none of the original's.
func (b *builder) copied(a Address) bool {
	for range 8 {
		if _, ok := b.ids[a]; ok {
			return false
		}
		owner, ok := b.owners[a]
		if !ok || owner.rank == 2 {
			return ok
		}
		a = owner.Address
	}
	return false
}

// readNeeds turns pg_depend's entries into Needs and With.
func (b *builder) readNeeds(deps result) {
	seen := make(map[[2]*entry]bool, len(deps.rows))
	not := takenBack(deps)
	for _, row := range deps.rows {
		from, to := parseAddress(row), parseAddress(row[3:])
		if not[[2]Address{from, to}] || b.copied(from) {
			continue
		}
		o, needed := b.resolve(from), b.resolve(to)
		if o == nil || needed == nil || needed == o || needed.ID == o.Parent || seen[[2]*entry{o, needed}] {
			continue
		}
		if needed.Parent == o.ID && row[6][0] == 'i' {
			continue // a column of a partition key hangs on its table
		}
		seen[[2]*entry{o, needed}] = true
		if row[6][0] != 'a' || !o.kind.Owned {
			o.Needs = append(o.Needs, needed.ID)
		}
		if b.ids[from] != nil && strings.ContainsRune("aiPS", rune(row[6][0])) {
			o.With = append(o.With, needed.ID)
		}
	}
}

// takenBack lists the entries of pg_depend that a kind's Depends takes back.
func takenBack(deps result) map[[2]Address]bool {
	out := map[[2]Address]bool{}
	for _, row := range deps.rows {
		if row[6][0] == '-' {
			out[[2]Address{parseAddress(row), parseAddress(row[3:])}] = true
		}
	}
	return out
}
