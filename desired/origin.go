package desired

import (
	"context"
	"fmt"
	"slices"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/schema"
)

// A Place is a statement of a migration.
type Place struct {
	Path      string
	Line      int
	Statement string
}

func (p Place) String() string { return fmt.Sprintf("%s:%d", p.Path, p.Line) }

// An Origin says which statements have made an object, and changed it last.
type Origin struct{ Made, Changed Place }

// Origins knows where the objects of a history come from.
type Origins struct {
	marks     map[mark]*touched
	addresses map[schema.ID]catalog.Address
	objects   map[schema.ID]*schema.Object
}

// Of is where an object comes from. What has no row of its own, such as a
// privilege, comes from the statement that wrote the row it is in, and what has
// none at all, from where its parent comes. It is false for what the history
// does not make.
func (o *Origins) Of(id schema.ID) (Origin, bool) {
	obj := o.objects[id]
	if obj == nil {
		return Origin{}, false
	}
	for _, m := range o.candidates(obj) {
		if t := o.marks[m]; t != nil {
			return Origin{t.made, t.changed}, true
		}
	}
	if obj.Parent.IsZero() {
		return Origin{}, false
	}
	return o.Of(obj.Parent)
}

// candidates lists the marks that may tell of an object, the best first.
func (o *Origins) candidates(obj *schema.Object) []mark {
	a, ok := o.addresses[obj.ID]
	if !ok {
		return nil
	}
	if a.Sub < 0 { // the mark of a column, before PostgreSQL 18
		a.Sub = -a.Sub
	}
	if a == o.addresses[obj.Parent] { // it hangs on its parent
		if obj.ID.Kind == comment {
			return []mark{{a, comment}}
		}
		return []mark{{a, access}, {a, itself}}
	}
	return []mark{{a, itself}}
}

// Objects lists what the history makes, by ID.
func (o *Origins) Objects() []*schema.Object {
	s := schema.Snapshot{Objects: o.objects}
	return s.Sorted()
}

// Origins replays a history once more and notes which statement writes what.
func (b *Builder) Origins(ctx context.Context, s State) (*Origins, error) {
	h, err := history.Open(s.Path, b.cfg.Layout)
	if err != nil {
		return nil, fmt.Errorf("cannot read the history in %s: %w", s.Path, err)
	}
	if s.UpTo != "" {
		if h, err = h.UpTo(s.UpTo); err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", s.Name, err)
		}
	}
	b.tracing = true
	defer func() { b.tracing = false }()
	out := &Built{State: s, Replayed: true}
	scripts := slices.DeleteFunc(historyScripts(h), func(sc Script) bool { return slices.Contains(s.Skip, sc.Path) })
	if err := b.replay(ctx, out, scripts); err != nil {
		return nil, err
	}
	return out.origins, nil
}
