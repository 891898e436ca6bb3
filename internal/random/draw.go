package random

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// A draw makes the choices of one element.
type draw struct {
	s     *Schema
	e     *Element
	drawn *[]string
}

func (d *draw) sql() string {
	for _, m := range makers {
		if m.kind == d.e.Kind {
			return strings.Join(m.sql(d), ";\n")
		}
	}
	panic("unknown kind " + d.e.Kind)
}

// of draws for another element, whose choices are not this one's.
func (d *draw) of(e *Element) *draw { return &draw{s: d.s, e: e, drawn: &[]string{}} }

func (d *draw) hash(choice string, more int) uint64 {
	h := fnv.New64a()
	for _, n := range []uint64{d.s.Seed, uint64(d.e.Key), d.e.turns[choice], uint64(more)} {
		_ = binary.Write(h, binary.LittleEndian, n)
	}
	_, _ = h.Write([]byte(choice))
	n := h.Sum64() // fnv mixes the last bytes badly
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// pick chooses a number below n; 0 is the plainest.
func (d *draw) pick(choice string, n int) int {
	if !slices.Contains(*d.drawn, choice) {
		*d.drawn = append(*d.drawn, choice)
	}
	if d.e.plain[choice] {
		return 0
	}
	return int(d.hash(choice, 0) % uint64(n))
}

// one chooses a text; the first is the plainest.
func (d *draw) one(choice string, texts ...string) string { return texts[d.pick(choice, len(texts))] }

// maybe is the text, or nothing, which is the plainest.
func (d *draw) maybe(percent int, choice, text string) string {
	if d.chance(percent, choice) {
		return text
	}
	return ""
}

func (d *draw) chance(percent int, choice string) bool { return d.pick(choice, 100) >= 100-percent }

// ref chooses an earlier element of some kinds: the one that likes this choice
// best, so that an element which comes or goes changes few choices of others.
func (d *draw) ref(choice string, kinds ...string) *draw {
	if !slices.Contains(*d.drawn, choice) {
		*d.drawn = append(*d.drawn, choice)
	}
	var best *Element
	var most uint64
	for _, c := range d.s.Elements {
		if c == d.e || c.Key >= d.e.Key {
			break
		}
		if h := d.hash(choice, c.Key); slices.Contains(kinds, c.Kind) && (best == nil || h > most) {
			best, most = c, h
		}
	}
	if best == nil {
		return nil
	}
	return d.of(best)
}

// name is the element's name without a schema, as SQL.
func (d *draw) name() string {
	return ident(d.bare("name", fmt.Sprintf("%s%d", short(d.e.Kind), d.e.Key)))
}

// short is a word for a kind that begins a plain name.
func short(kind string) string {
	for _, kinds := range alike {
		if slices.Contains(kinds, kind) {
			kind = kinds[0]
		}
	}
	return strings.ReplaceAll(kind, " ", "_")
}

// in is the name of the schema that the element is in, as SQL.
func (d *draw) in() string {
	if d.pick("in schema", 2) == 0 {
		return "public"
	}
	if s := d.ref("schema", "schema"); s != nil {
		return s.name()
	}
	return "public"
}

// qualified is the name with its schema.
func (d *draw) qualified() string { return d.in() + "." + d.name() }

// bare chooses a name that ends in the plain one, or is it.
func (d *draw) bare(choice, plain string) string {
	if d.pick(choice+" odd", 3) == 0 {
		if n := d.pick(choice, 3); n > 0 {
			return fmt.Sprintf("%s_%d", plain, n)
		}
		return plain
	}
	odd := odds[d.pick(choice, len(odds))]
	if odd == "" { // as long as a name can be, in letters of two bytes
		return strings.Repeat("ü", (63-len(plain))/2) + plain
	}
	word, reserved := strings.CutPrefix(odd, "=")
	if reserved && len(plain) < 4 {
		return word
	}
	return word + plain
}

// odds begin names; those with = are names for themselves where they are
// short. The plain name follows, which keeps them apart.
var odds = []string{"", "Upper", "two words ", `quo"te`, `apo'strophe`, "new\nline", "percent%s%", `back\slash\`, "ünï😀", "dot.ted.", "a on b", "$1", "$$", "--", "/*", "semi;", "1", "tab\t", "(", "a,b", "=select", "=user", "=order", "=table", "=Primary", "=check", "=default", "=all", "=in", "=end", "=int", "=value", "=on", "=name"}

func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string {
	prefix := ""
	if strings.Contains(text, `\`) {
		prefix, text = "E", strings.ReplaceAll(text, `\`, `\\`)
	}
	return prefix + "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// words joins what is not empty by blanks.
func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// since is the text on a major and those after it.
func (d *draw) since(major int, text string) string {
	if d.s.Major >= major {
		return text
	}
	return ""
}
