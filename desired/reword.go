package desired

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// What the server prints of an expression it may print otherwise once it has
// read that: x BETWEEN 1 AND 2 AND y BETWEEN 3 AND 4 loses a pair of brackets,
// and where a varchar is IN ('a', 'b') the cast of the list moves to its members.
// So an object differs from one that was made from its own text, as a restored
// dump is, though nobody could ever write the difference down; a NATURAL JOIN of
// no column is ON TRUE, which is ON (true) then; a field to extract that was
// quoted keeps its capitals until it is read unquoted; a bare string in a
// UNION is printed with a cast, which gives it a name when that is read; and rows
// in rows are compared part by part, a level deeper each time they are read. Two
// texts are the same if they differ in brackets, casts, aliases and capitals only,
// or one has rows, and the server, having read both, prints them alike.

// readings is how often two texts are read: each reading may settle one level of
// what is nested.
const readings = 4

// reword returns y with the words of x where they differ in words only.
func (b *Builder) reword(ctx context.Context, x, y *Built) *Built {
	changes := b.ofWords(diff.Compare(x.Snapshot, y.Snapshot, b.cfg.Kinds))
	if len(changes) == 0 {
		return y
	}
	platform := x.State.Source == FromSnapshot || y.State.Source == FromSnapshot
	snap := *y.Snapshot
	snap.Objects = maps.Clone(y.Snapshot.Objects)
	was, now := x, y
	for range readings {
		if len(changes) == 0 {
			break
		}
		again, anew := b.readAgain(ctx, was, platform), b.readAgain(ctx, now, platform)
		if again == nil || anew == nil {
			break
		}
		changes = slices.DeleteFunc(changes, func(c diff.Change) bool {
			same := alike(again, anew, c)
			if same {
				snap.Objects[c.ID()] = inWords(c)
			}
			return same || alike(was, again, c) && alike(now, anew, c)
		})
		was, now = again, anew
	}
	out := *y
	out.Snapshot = &snap
	return &out
}

// Changes lists how what was made differs from what is wanted, but for words.
func (b *Builder) Changes(ctx context.Context, made, want *schema.Snapshot) []diff.Change {
	return b.settle(ctx, diff.Compare(made, want, b.cfg.Kinds), made, want)
}

// settle leaves out of the changes between what was made and what is wanted
// those that are of words only.
func (b *Builder) settle(ctx context.Context, left []diff.Change, made, want *schema.Snapshot) []diff.Change {
	if len(b.ofWords(left)) == 0 {
		return left
	}
	again := b.readAgain(ctx, &Built{State: State{Name: "what is wanted"}, Snapshot: want}, true)
	if again == nil {
		return left
	}
	return slices.DeleteFunc(left, func(c diff.Change) bool {
		return len(b.ofWords([]diff.Change{c})) > 0 && alike(&Built{Snapshot: made}, again, c)
	})
}

// ofWords lists the changes that may be of words only.
func (b *Builder) ofWords(changes []diff.Change) []diff.Change {
	var out []diff.Change
	for _, c := range changes {
		k := b.cfg.Kinds.Find(c.ID().Kind)
		more := func(name string) bool {
			a, ok := k.Attr(name)
			return !ok || !a.Printed || !likely(c.Old.Get(name), c.New.Get(name))
		}
		if c.Old != nil && c.New != nil && !slices.ContainsFunc(c.Attrs, more) {
			out = append(out, c)
		}
	}
	return out
}

// likely reports whether two texts may differ in words only.
func likely(x, y string) bool {
	return bare(x) == bare(y) || strings.Contains(x+y, "ROW(")
}

// casts matches a cast to a type, roughly: what it takes for one only decides
// whether the server is asked.
var casts = regexp.MustCompile(`::("[^"]*"|\w+)(\.("[^"]*"|\w+))*( varying| precision)?(\(\d+(,\d+)?\))?( with(out)? time zone)?(\[\])*`)

// aliases matches a name that is given to a column or a table, roughly too.
var aliases = regexp.MustCompile(` AS ("[^"]*"|\w+)`)

var clutter = strings.NewReplacer("(", "", ")", "", " ", "", "\n", "")

// bare is a text without its casts, aliases and brackets, and without the white
// space by which a view's are broken into lines, in small letters: roughly again,
// for capitals may be words of the server's (TRUE) or somebody's own.
func bare(text string) string {
	text = aliases.ReplaceAllString(casts.ReplaceAllString(text, ""), "")
	return strings.ToLower(clutter.Replace(text))
}

// readAgain is a state as its server prints it when it was made anew from its
// own texts; nil where that cannot be done, and every word counts.
func (b *Builder) readAgain(ctx context.Context, s *Built, platform bool) *Built {
	w := wanted{major: s.Snapshot.Major(), platform: platform && b.onPlatform()}
	p, err := b.findPrinter(ctx, []wanted{w})
	if err != nil {
		return nil
	}
	again, err := p.restate(ctx, s)
	if err != nil {
		return nil
	}
	return &Built{State: s.State, Snapshot: again}
}

// alike reports whether what changes has the same texts in two states.
func alike(x, y *Built, c diff.Change) bool {
	was, now := x.Snapshot.Objects[c.ID()], y.Snapshot.Objects[c.ID()]
	return was != nil && now != nil && !slices.ContainsFunc(c.Attrs, func(a string) bool { return was.Get(a) != now.Get(a) })
}

// inWords is the new object of a change in the words of the old one.
func inWords(c diff.Change) *schema.Object {
	out := *c.New
	out.Attrs.Values = slices.Clone(c.New.Attrs.Values)
	for i, name := range out.Attrs.Names {
		if slices.Contains(c.Attrs, name) {
			out.Attrs.Values[i] = c.Old.Get(name)
		}
	}
	return &out
}
