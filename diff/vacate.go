package diff

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// takers lists the objects that have the name which a renaming needs: of the
// same kind, or of another one in the server's name spaces, such as the view
// that is to give way to a table.
func takers(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) []schema.ID {
	now := to.Objects[r.New]
	if now == nil {
		return nil
	}
	var out []schema.ID
	if state.Objects[r.New] != nil {
		out = append(out, r.New)
	}
	if kinds.Find(r.New.Kind).Names == nil {
		return out
	}
	wants := kinds.Find(r.New.Kind).Names(now)
	for id, o := range state.Objects {
		names := kinds.Find(id.Kind).Names
		if names == nil || id == r.Old || id == r.New {
			continue
		}
		if slices.ContainsFunc(names(o), func(name string) bool { return slices.Contains(wants, name) }) {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, schema.CompareIDs)
	return out
}

// vacate drops what has the name that a renaming needs, and all that needs it;
// what of that is wanted is made again later. It returns the state after that
// and the steps. If it would cost rows that are wanted, that is an error.
func vacate(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming) (*schema.Snapshot, []Step, error) {
	return without(state, to, kinds, r, takers(state, to, kinds, r))
}

// without drops some objects for a renaming, as vacate does.
func without(state, to *schema.Snapshot, kinds schema.Kinds, r Renaming, gone []schema.ID) (*schema.Snapshot, []Step, error) {
	if len(gone) == 0 {
		return state, nil, nil
	}
	needed := dependents(state)
	rest := *state
	rest.Objects = maps.Clone(state.Objects)
	for len(gone) > 0 {
		id := gone[0]
		gone = gone[1:]
		o := rest.Objects[id]
		if o == nil {
			continue
		}
		loses, wanted := kinds.Find(id.Kind).Loses, to.Objects[id]
		if id == r.Old || loses != nil && loses(o) && wanted != nil && (id.Kind != r.New.Kind || wanted.Order == o.Order) {
			return nil, nil, fmt.Errorf("cannot rename %s to %s: %s must be dropped first to free the name; do it in two migrations", r.Old, r.New.Name, id)
		}
		delete(rest.Objects, id)
		gone = append(gone, needed[id]...)
	}
	var plan Plan
	if err := plan.add(state, &rest, kinds); err != nil {
		return nil, nil, err
	}
	return &rest, plan.Steps, nil
}
