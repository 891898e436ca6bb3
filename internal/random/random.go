// Package random makes random schemas, for tests of what must hold for all of
// them. A schema is a list of elements, and everything about an element, its
// name, its columns, the table it is on, is a choice with a name of its own: a
// hash of the seed, the element and the choice's name. So a schema is changed
// by making one choice anew, and a failure is made small by leaving elements
// out and making choices plain, while all others stay as they were.
//
// What the server refuses is left out: a generator may be careless, since the
// server knows what is valid.
package random

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// A Schema is a list of elements; each uses only those before it.
type Schema struct {
	Major    int
	Seed     uint64
	Elements []*Element
}

// An Element makes one thing, or a few that belong together.
type Element struct {
	Key   int
	Kind  string
	turns map[string]uint64 // how often a choice was made anew
	plain map[string]bool   // the choices that are made plain
}

func (e *Element) clone() *Element {
	return &Element{e.Key, e.Kind, maps.Clone(e.turns), maps.Clone(e.plain)}
}

func (s *Schema) clone() *Schema {
	out := &Schema{Major: s.Major, Seed: s.Seed}
	for _, e := range s.Elements {
		out.Elements = append(out.Elements, e.clone())
	}
	return out
}

// foundation is what nearly everything else refers to.
var foundation = []string{"schema", "schema", "enum", "function", "domain", "table", "table", "trigger function", "partitioned table", "table", "key"}

// New makes a random schema of at most n elements for a major.
func New(seed uint64, major, n int) *Schema {
	s := &Schema{Major: major, Seed: seed}
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		if i < len(foundation) {
			s.add(foundation[i])
		} else {
			s.add(anyKind(r))
		}
	}
	return s
}

func (s *Schema) add(kind string) {
	key := 1
	for _, e := range s.Elements {
		key = max(key, e.Key+1)
	}
	s.Elements = append(s.Elements, &Element{Key: key, Kind: kind, turns: map[string]uint64{}, plain: map[string]bool{}})
}

func anyKind(r *rand.Rand) string {
	total := 0
	for _, m := range makers {
		total += m.weight
	}
	n := r.IntN(total)
	for _, m := range makers {
		if n -= m.weight; n < 0 {
			return m.kind
		}
	}
	panic("no kind")
}

// Mutate makes a copy in which n things are different: elements are gone, new,
// or made by other choices.
func (s *Schema) Mutate(seed uint64, n int) *Schema {
	out := s.clone()
	r := rand.New(rand.NewPCG(seed, 2))
	for range n {
		i := r.IntN(len(out.Elements))
		switch r.IntN(7) {
		case 0:
			out.Elements = slices.Delete(out.Elements, i, i+1)
		case 1:
			out.add(anyKind(r))
		case 2:
			out.Elements[i].turnKind(r)
		default:
			out.turn(r, out.Elements[i])
		}
		if len(out.Elements) == 0 {
			break
		}
	}
	return out
}

// alike are the kinds that may take each other's place, under one name.
var alike = [][]string{
	{"table", "partitioned table", "view", "matview", "composite", "foreign table", "child"},
	{"enum", "domain", "range", "base type"},
	{"function", "procedure", "aggregate"},
	{"key", "index", "check"},
}

// turnKind makes an element one of another kind.
func (e *Element) turnKind(r *rand.Rand) {
	for _, kinds := range alike {
		if slices.Contains(kinds, e.Kind) {
			e.Kind = kinds[r.IntN(len(kinds))]
			return
		}
	}
}

// turn makes one of the choices of an element anew.
func (s *Schema) turn(r *rand.Rand, e *Element) {
	if choices := s.choices(e); len(choices) > 0 {
		e.turns[choices[r.IntN(len(choices))]]++
	}
}

// choices lists the names of an element's choices.
func (s *Schema) choices(e *Element) []string {
	d := &draw{s: s, e: e, drawn: &[]string{}}
	d.sql()
	return *d.drawn
}

// A Statement is the SQL of an element.
type Statement struct {
	Key int
	SQL string
}

// Statements writes the schema: one text for each element, valid or not.
func (s *Schema) Statements() []Statement {
	var out []Statement
	for _, e := range s.Elements {
		d := &draw{s: s, e: e, drawn: &[]string{}}
		if sql := d.sql(); sql != "" {
			out = append(out, Statement{e.Key, sql})
		}
	}
	return out
}
