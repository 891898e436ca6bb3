package desired

import (
	"context"
	"fmt"
	"maps"

	"github.com/tvl-platform/plumb/schema"
)

// Align tells two states in the same words. What different majors
// print of the same schema is not the same text; so where the states come of
// different majors, they are made anew on a server that is no older than
// either and read there. It is not changed what they are: what the older major
// has no notion of is left out of both, and everything else is compared.
//
// Where no server of the later major is to be had, the later state goes through
// one of the earlier major. That is refused where the state holds what the
// earlier major cannot make.
func (b *Builder) Align(ctx context.Context, x, y *Built) (*Built, *Built, error) {
	low, high := majors(x, y)
	if low == high || low == 0 {
		return x, b.reword(ctx, x, y), nil
	}
	return b.align(ctx, x, y, wanted{major: high, orLater: true}, wanted{major: low})
}

// AlignTo does so with the words of the first state's server, so that migrations
// can be proved, and run, there.
func (b *Builder) AlignTo(ctx context.Context, replayed, other *Built) (*Built, *Built, error) {
	low, high := majors(replayed, other)
	if low == high || low == 0 {
		return replayed, b.reword(ctx, replayed, other), nil
	}
	return b.align(ctx, replayed, other, wanted{major: replayed.Snapshot.Major()})
}

func majors(sides ...*Built) (low, high int) {
	low = sides[0].Snapshot.Major()
	for _, s := range sides {
		low, high = min(low, s.Snapshot.Major()), max(high, s.Snapshot.Major())
	}
	return low, high
}

// align passes both states through the first server that is to be had.
func (b *Builder) align(ctx context.Context, x, y *Built, servers ...wanted) (*Built, *Built, error) {
	low, high := majors(x, y)
	refuse := func(reason string, err error) error {
		return fmt.Errorf("cannot compare %s of PostgreSQL %d with %s of PostgreSQL %d: %s: %w",
			x.State.Name, x.Snapshot.Major(), y.State.Name, y.Snapshot.Major(), reason, err)
	}
	for i := range servers {
		servers[i].platform = b.onPlatform() && (x.State.Source == FromSnapshot || y.State.Source == FromSnapshot)
	}
	p, err := b.findPrinter(ctx, servers)
	if err != nil {
		return nil, nil, refuse("they print the same schema differently, and no server is there to print both", err)
	}
	x, y = b.across(x, low, high), b.across(y, low, high)
	out := [2]*Built{x, y}
	for i, side := range out {
		snap := side.Snapshot
		if side.Snapshot.Major() != p.server.Major() {
			if snap, err = p.restate(ctx, side); err != nil {
				return nil, nil, refuse(fmt.Sprintf("%s cannot be made on the PostgreSQL %d that is to print both", side.State.Name, p.server.Major()), err)
			}
		}
		if side.Snapshot.Major() == high {
			snap = asKnown(snap, b.cfg.Kinds, low)
		}
		again := *side
		again.Snapshot = snap
		out[i] = b.across(&again, low, high)
	}
	if x.Snapshot.Major() == high && p.server.Major() == high {
		goesWhole(out[0].Snapshot, x.Snapshot, out[1].Snapshot)
	}
	return out[0], out[1], nil
}

// goesWhole gives the objects that are not wanted back what the later major alone
// knows of them: that would be left, and be a difference, were only the rest to go.
func goesWhole(from, whole, to *schema.Snapshot) {
	for id, o := range whole.Objects {
		if to.Objects[id] == nil {
			from.Objects[id] = o
		}
	}
}

// across is a state as it is compared between two majors, without what these differ
// in by themselves.
func (b *Builder) across(s *Built, low, high int) *Built {
	var gone []schema.ID
	for id, o := range s.Snapshot.Objects {
		if unlike := b.cfg.Kinds.Find(id.Kind).Unlike; unlike != nil && unlike(o, low, high) {
			gone = append(gone, id)
			b.sayOnce("%s is not compared: what there is of it from the beginning is not the same on PostgreSQL %d and %d", printable(id.String()), low, high)
		}
	}
	if gone == nil {
		return s
	}
	snap, out := *s.Snapshot, *s
	out.Snapshot, snap.Objects = &snap, maps.Clone(s.Snapshot.Objects)
	for _, id := range gone {
		delete(snap.Objects, id)
	}
	return &out
}

// asKnown cuts from the attributes of a snapshot what an earlier major has no
// notion of. An object of which nothing would be left stays as it is: it is
// one that only the later major has.
func asKnown(s *schema.Snapshot, kinds schema.Kinds, major int) *schema.Snapshot {
	out := *s
	out.Objects = make(map[schema.ID]*schema.Object, len(s.Objects))
	for id, o := range s.Objects {
		out.Objects[id] = objectAsKnown(o, kinds.Find(id.Kind), major)
	}
	return &out
}

// asMade is a state as a server of an earlier major is to make it.
func asMade(s *schema.Snapshot, kinds schema.Kinds, major int) *schema.Snapshot {
	out := asKnown(s, kinds, major)
	for id, o := range out.Objects {
		if k := kinds.Find(id.Kind); k.Before != nil {
			out.Objects[id] = k.Before(o, major)
		}
	}
	return out
}

func objectAsKnown(o *schema.Object, k *schema.Kind, major int) *schema.Object {
	cut := *o
	cut.Attrs.Values = make([]string, len(o.Attrs.Values))
	changed, left := false, false
	for i, name := range o.Attrs.Names {
		v := o.Attrs.Values[i]
		if a, ok := k.Attr(name); ok && !a.Fact {
			if a.Known != nil {
				v = a.Known(v, major)
			}
			left = left || v != ""
		}
		cut.Attrs.Values[i] = v
		changed = changed || v != o.Attrs.Values[i]
	}
	if !changed || !left {
		return o
	}
	return &cut
}
