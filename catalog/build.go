package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// An address is how pg_depend names an object.
type address struct {
	class, obj uint32
	sub        int32
}

func parseAddress(row [][]byte) address {
	sub, _ := strconv.ParseInt(string(row[2]), 10, 32)
	return address{parseUint(row[0]), parseUint(row[1]), int32(sub)}
}

// A builder turns query results into a snapshot.
type builder struct {
	kinds  schema.Kinds
	ids    map[address]schema.ID // objects of ours by address
	owners map[address]address   // what stands for an address that is not one
	copies map[address]bool      // whose owner has it repeated in a partition
	ranks  map[address]int       // how closely an address belongs to its owner
	known  map[address]bool      // what is an object, whichever of its parts
	snap   *schema.Snapshot
}

// build takes the results of the kinds' queries and, after them, the dependencies.
func (b *builder) build(results []result) error {
	n := len(b.kinds)
	var deps result
	for _, r := range results[n:] {
		deps.rows = append(deps.rows, r.rows...)
	}
	type late struct {
		o   *schema.Object
		row [][]byte
	}
	var parents []late
	for i, k := range b.kinds {
		names, err := b.attrNames(k, results[i].columns)
		if err != nil {
			return err
		}
		for _, row := range results[i].rows {
			o := object(k, names, row)
			if k.Hangs || row[4] != nil {
				parents = append(parents, late{o, row})
			}
			if k.Hangs {
				continue // named after its parent, which may not be known yet
			}
			if err := b.add(o); err != nil {
				return err
			}
			a := parseAddress(row)
			b.ids[a] = o.ID
			b.known[address{a.class, a.obj, 0}] = true
		}
	}
	b.readOwners(deps)
	for _, l := range parents {
		if err := b.setParent(l.o, l.row); err != nil {
			return err
		}
	}
	b.readNeeds(deps)
	b.relyOn()
	for _, o := range b.snap.Objects {
		slices.SortFunc(o.Needs, schema.CompareIDs)
		slices.SortFunc(o.With, schema.CompareIDs)
	}
	return nil
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
func (b *builder) setParent(o *schema.Object, row [][]byte) error {
	if row[4] != nil {
		o.Parent = b.ids[parseAddress(row[4:7])]
	}
	if k := b.kinds.Find(o.ID.Kind); k.Hangs {
		return b.hang(o, row)
	}
	if !o.Parent.IsZero() {
		o.With = append(o.With, o.Parent)
	}
	return nil
}

// hang names an object after what it hangs on. What hangs on something that is
// no object of ours, and is not named by the query, belongs to an extension;
// what is named by the query comes and goes with what stands for it.
func (b *builder) hang(o *schema.Object, row [][]byte) error {
	on := o.Get("on")
	switch {
	case !o.Parent.IsZero():
		on = b.kinds.Find(o.Parent.Kind).RefTo(b.snap.Objects[o.Parent])
		o.With = append(o.With, o.Parent)
		o.ID.Name = strings.TrimRight("on "+o.Parent.String()+" "+o.ID.Name, " ")
	case on != "":
		o.ID.Name = strings.TrimRight("on "+on+" "+o.ID.Name, " ")
		if row[4] != nil {
			if id, ok := b.resolve(parseAddress(row[4:7])); ok {
				o.Needs, o.With = append(o.Needs, id), append(o.With, id)
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
	b.owners, b.copies, b.ranks = map[address]address{}, map[address]bool{}, map[address]int{}
	order := map[string]int{"e": 4, "i": 3, "P": 2, "a": 1}
	for _, row := range deps.rows {
		from := parseAddress(row)
		if r := order[string(row[6])]; r > b.ranks[from] {
			b.ranks[from], b.owners[from] = r, parseAddress(row[3:])
			b.copies[from] = row[6][0] == 'P'
		}
	}
}

// resolve finds the object that an address stands for.
func (b *builder) resolve(a address) (schema.ID, bool) {
	for range 8 { // owners form short chains; the bound guards against a loop
		if id, ok := b.ids[a]; ok {
			return id, true
		}
		owner, ok := b.owners[a]
		switch {
		case ok:
			a = owner
		case a.sub != 0:
			a.sub = 0
		default:
			return schema.ID{}, false
		}
	}
	return schema.ID{}, false
}

// copied reports whether an address stands for an object because a partition
// has a copy of that, whose needs are none of the original's.
func (b *builder) copied(a address) bool {
	for range 8 {
		if _, ok := b.ids[a]; ok {
			return false
		}
		owner, ok := b.owners[a]
		if !ok || b.copies[a] {
			return ok
		}
		a = owner
	}
	return false
}

// readNeeds turns pg_depend's entries into Needs and With.
func (b *builder) readNeeds(deps result) {
	type pair struct{ a, b schema.ID }
	seen := make(map[pair]bool, len(deps.rows))
	not := takenBack(deps)
	for _, row := range deps.rows {
		from, to := parseAddress(row), parseAddress(row[3:])
		if not[[2]address{from, to}] || b.copied(from) {
			continue
		}
		a, ok := b.resolve(from)
		if !ok {
			continue
		}
		needed, ok := b.resolve(to)
		if !ok || needed == a {
			continue
		}
		o := b.snap.Objects[a]
		if needed == o.Parent || seen[pair{a, needed}] {
			continue
		}
		if b.snap.Objects[needed].Parent == a && row[6][0] == 'i' {
			continue // a column of a partition key hangs on its table
		}
		seen[pair{a, needed}] = true
		if row[6][0] != 'a' || !b.kinds.Find(a.Kind).Owned {
			o.Needs = append(o.Needs, needed)
		}
		if _, own := b.ids[from]; own && strings.ContainsRune("aiPS", rune(row[6][0])) {
			o.With = append(o.With, needed)
		}
	}
}

// takenBack lists the entries of pg_depend that a kind's Depends takes back.
func takenBack(deps result) map[[2]address]bool {
	out := map[[2]address]bool{}
	for _, row := range deps.rows {
		if row[6][0] == '-' {
			out[[2]address{parseAddress(row), parseAddress(row[3:])}] = true
		}
	}
	return out
}
