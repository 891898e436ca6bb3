package random

import (
	"maps"
	"slices"
)

// A Pair is a schema and what is to become of it.
type Pair struct{ From, To *Schema }

// NewPair makes a pair: mostly two versions of one schema, now and then two
// that have little in common.
func NewPair(seed uint64, major int) Pair {
	size := 20 + int(seed*7%50)
	from := New(seed, major, size)
	if seed%10 == 9 {
		return Pair{from, New(seed+1_000_000, major, size)}
	}
	return Pair{from, from.Mutate(seed, 2+int(seed*5%12))}
}

// Shrink makes a pair that fails as small as it can: elements are left out of
// both schemas, differences taken back, and choices made plain, as long as the
// pair still fails.
func Shrink(p Pair, fails func(Pair) bool) Pair {
	try := func(q Pair) bool {
		if fails(q) {
			p = q
			return true
		}
		return false
	}
	for n := len(p.keys()); n > 0; n /= 2 {
		for i := 0; i < len(p.keys()); {
			keys := p.keys()
			if !try(p.without(keys[i:min(i+n, len(keys))])) {
				i += n
			}
		}
	}
	for _, key := range p.keys() {
		if !p.agrees(key) {
			try(p.same(key))
		}
	}
	for _, key := range p.keys() {
		if choices := p.choices(key); !try(p.plain(key, choices...)) {
			for _, choice := range choices {
				try(p.plain(key, choice))
			}
		}
	}
	return p
}

// keys lists the keys of all elements.
func (p Pair) keys() []int {
	found := map[int]bool{}
	for _, s := range []*Schema{p.From, p.To} {
		for _, e := range s.Elements {
			found[e.Key] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// without is the pair without some elements.
func (p Pair) without(keys []int) Pair {
	leave := func(s *Schema) *Schema {
		out := s.clone()
		out.Elements = slices.DeleteFunc(out.Elements, func(e *Element) bool { return slices.Contains(keys, e.Key) })
		return out
	}
	return Pair{leave(p.From), leave(p.To)}
}

// same is the pair in which an element is made by the same choices in both.
func (p Pair) same(key int) Pair {
	out := Pair{p.From, p.To.clone()}
	if a, b := p.From.find(key), out.To.find(key); a != nil && b != nil {
		b.Kind, b.turns = a.Kind, a.turns
	}
	return out
}

// agrees reports whether both schemas have an element, made by the same choices.
func (p Pair) agrees(key int) bool {
	a, b := p.From.find(key), p.To.find(key)
	return a != nil && b != nil && a.Kind == b.Kind && maps.Equal(a.turns, b.turns)
}

// plain is the pair in which choices of an element are the plainest.
func (p Pair) plain(key int, choices ...string) Pair {
	out := Pair{p.From.clone(), p.To.clone()}
	for _, s := range []*Schema{out.From, out.To} {
		if e := s.find(key); e != nil {
			for _, c := range choices {
				e.plain[c] = true
			}
		}
	}
	return out
}

func (p Pair) choices(key int) []string {
	if e := p.From.find(key); e != nil {
		return p.From.choices(e)
	}
	return p.To.choices(p.To.find(key))
}

func (s *Schema) find(key int) *Element {
	for _, e := range s.Elements {
		if e.Key == key {
			return e
		}
	}
	return nil
}
