package desired

import (
	"fmt"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// strays finds, of what the server makes and names by itself, what it gave the
// name of another, as where it numbers what it brings to partitions in another
// order. It returns, by kind and name, what has that name in the state was.
func strays(was, printed *schema.Snapshot, kinds schema.Kinds) (map[string]map[schema.ID]*schema.Object, error) {
	brought := func(o *schema.Object) bool {
		k := kinds.Find(o.ID.Kind)
		return k.Mirror != nil && k.Mirror(o) == schema.Brought
	}
	at := map[string]*schema.Object{}
	var strays []*schema.Object
	for _, o := range was.Sorted() {
		if is := printed.Objects[o.ID]; brought(o) && brought(is) && place(o) != place(is) {
			at[place(is)] = is
			strays = append(strays, o)
		}
	}
	out := map[string]map[schema.ID]*schema.Object{}
	for _, o := range strays {
		is := at[place(o)]
		if is == nil {
			return nil, fmt.Errorf("it was made, and the server gave the name of %s, of %s, to that of %s", o.ID, o.Parent, printed.Objects[o.ID].Parent)
		}
		if out[o.ID.Kind] == nil {
			out[o.ID.Kind] = map[schema.ID]*schema.Object{}
		}
		out[o.ID.Kind][o.ID] = is
	}
	return out, nil
}

// place is what an object that a tie brings is known by, but for its name.
func place(o *schema.Object) string {
	out := o.ID.Kind + " of " + o.Parent.String()
	for _, id := range o.Needs {
		if id.Kind == o.ID.Kind {
			out += ", " + id.String()
		}
	}
	return out
}

// named is a printed object under the name that it has in the state was, with what
// follows from that name there.
func named(printed, was *schema.Object, k *schema.Kind) *schema.Object {
	out := *was
	out.Attrs = schema.Attrs{Names: printed.Attrs.Names, Values: slices.Clone(printed.Attrs.Values)}
	for i, name := range out.Attrs.Names {
		if a, _ := k.Attr(name); a.Fact && !a.Printed {
			out.Attrs.Values[i] = was.Get(name)
		}
	}
	return &out
}
