package diff_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// The tests of the planner write states in a language of their own. A line is
// an object:
//
//	view v def=2 : t f ~u
//
// is the view v, whose attribute def is 2, which needs t and f, and goes down
// with u without a word. "column t.a in t #1" is a part of t with the number 1.
// A name belongs to one object of a state.
func mini(t *testing.T, text string) *schema.Snapshot {
	t.Helper()
	s, kinds := schema.Empty(150000), map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if f := strings.Fields(line); len(f) > 1 {
			kinds[f[1]] = f[0]
		}
	}
	id := func(name string) schema.ID {
		if kinds[name] == "" {
			t.Fatalf("nothing is called %s in\n%s", name, text)
		}
		return schema.ID{Kind: kinds[name], Name: name}
	}
	for _, line := range strings.Split(text, "\n") {
		head, needs, _ := strings.Cut(line, " : ")
		f := strings.Fields(head)
		if len(f) < 2 {
			continue
		}
		o := &schema.Object{ID: id(f[1]), Attrs: schema.Attrs{Names: []string{"def", "made", "mirror"}, Values: make([]string, 3)}}
		for i := 2; i < len(f); i++ {
			name, value, _ := strings.Cut(f[i], "=")
			switch {
			case name == "in":
				i++
				o.Parent = id(f[i])
				o.With = append(o.With, o.Parent)
			case name[0] == '#':
				o.Order, _ = strconv.Atoi(name[1:])
			default:
				o.Attrs.Values[slices.Index(o.Attrs.Names, name)] = value
			}
		}
		for _, n := range strings.Fields(needs) {
			with, ok := strings.CutPrefix(n, "~")
			o.Needs = append(o.Needs, id(with))
			if ok {
				o.With = append(o.With, id(with))
			}
		}
		s.Objects[o.ID] = o
	}
	return s
}

// says makes a statement of a verb and the object's name.
func says(verb string) func(*schema.Object) []string {
	return func(o *schema.Object) []string { return []string{verb + " " + o.ID.Name} }
}

// miniKinds are kinds with one trait each. All have an attribute "def", which
// is altered where alter is set, and "made", which makes an object anew.
func miniKinds() schema.Kinds {
	kind := func(name string, more func(*schema.Kind)) *schema.Kind {
		k := &schema.Kind{Name: name, Drop: says("drop"), Attrs: []schema.Attr{{Name: "def"}, {Name: "made"}, {Name: "mirror", Fact: true}}}
		k.Create = func(b schema.Built) []string { return []string{"create " + built(b)} }
		more(k)
		return k
	}
	alter := func(k *schema.Kind) {
		k.Attrs[0].Alter = func(_, new *schema.Object) []string { return []string{"alter " + new.ID.Name} }
	}
	aside := func(k *schema.Kind) {
		k.Aside, k.DropAside = says("aside"), says("drop aside")
		k.Names = func(o *schema.Object) []string { return []string{"type " + o.ID.Name} }
	}
	relation := func(o *schema.Object) []string { return []string{"relation " + strings.Trim(o.ID.Name, "'")} }
	return schema.Kinds{
		kind("schema", alter),
		kind("type", aside),
		kind("enum", aside),
		kind("function", func(k *schema.Kind) { k.Names = relation }),
		kind("table", func(k *schema.Kind) {
			alter(k)
			k.Follows = true
			k.Names = relation
			k.Rename = func(old, new *schema.Object) []string {
				return []string{"rename " + old.ID.Name + " to " + new.ID.Name}
			}
			k.Implies = impliesGrant
		}),
		kind("tie", func(k *schema.Kind) { k.Tie = true }),
		kind("column", func(k *schema.Kind) {
			alter(k)
			k.Inside = []string{"table"}
			k.Attrs[0].Blocks = func(_, _ *schema.Object) []string { return []string{"view"} }
			k.Rename = func(old, new *schema.Object) []string {
				return []string{"rename " + old.ID.Name + " to " + new.ID.Name}
			}
			k.Rebind = func(old, new *schema.Object) []string { return []string{"rebind " + new.ID.Name} }
			k.RebindBlocks = []string{"view"}
			k.Loses = func(*schema.Object) bool { return true }
			k.Mirror = func(o *schema.Object) schema.Mirror {
				return map[string]schema.Mirror{"demanded": schema.Demanded, "brought": schema.Brought}[o.Get("mirror")]
			}
		}),
		kind("key", func(k *schema.Kind) {
			k.Joins = func(part, parent *schema.Object) bool { return part.Get("def") != "core" }
		}),
		kind("index", func(k *schema.Kind) {}),
		kind("view", func(k *schema.Kind) { k.Stub, k.Fill = says("stub"), says("fill") }),
		kind("grant", func(k *schema.Kind) {
			alter(k)
			k.After = func(o *schema.Object) []schema.ID {
				return []schema.ID{{Kind: "owner", Name: "owner of " + o.Parent.Name}, {Kind: "owner", Name: "o"}}
			}
		}),
		kind("owner", alter),
		kind("default", func(k *schema.Kind) { k.Last, k.Gives = true, true }),
		kind("comment", alter),
	}
}

// impliesGrant gives a new table a grant wherever there is a default.
func impliesGrant(from *schema.Snapshot, created *schema.Object) []*schema.Object {
	if from.Objects[schema.ID{Kind: "default", Name: "d"}] == nil {
		return nil
	}
	return []*schema.Object{{ID: schema.ID{Kind: "grant", Name: "g"}, Parent: created.ID, With: []schema.ID{created.ID},
		Attrs: schema.Attrs{Names: []string{"def", "made", "mirror"}, Values: []string{"implied", "", ""}}}}
}

// built names an object, and in brackets what is made inside of it.
func built(b schema.Built) string {
	if len(b.Parts) == 0 {
		return b.ID.Name
	}
	var parts []string
	for _, p := range b.Parts {
		parts = append(parts, built(p))
	}
	return b.ID.Name + "[" + strings.Join(parts, " ") + "]"
}

// script is a plan in a line: its statements, and in parentheses what a drop
// takes down.
func script(p *diff.Plan) string {
	var out []string
	for _, s := range p.Steps {
		text := strings.Join(s.SQL, ", ")
		if s.Action == diff.Drop && len(s.Takes) > 0 {
			var names []string
			for _, id := range s.Takes {
				names = append(names, id.Name)
			}
			text += " (" + strings.Join(names, " ") + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// A miniCase is a sentence, two states, and the plans there and, if it is
// said, back.
type miniCase struct{ says, from, to, there, back string }

func TestMini(t *testing.T) {
	for _, c := range miniCases {
		t.Run(c.says, func(t *testing.T) {
			check := func(from, to, want string) {
				plan, err := diff.MakePlan(mini(t, from), mini(t, to), miniKinds())
				got := ""
				if err != nil {
					got = "error: " + err.Error()
				} else {
					got = script(plan)
				}
				if got != want {
					t.Errorf("\n from%s\n to%s\n got  %s\n want %s", from, to, got, want)
				}
			}
			check(c.from, c.to, c.there)
			if c.back != "" {
				check(c.to, c.from, c.back)
			}
			check(c.from, c.from, "")
			check(c.to, c.to, "")
		})
	}
}

// What a step says of itself: why it is there, what it takes, what it waits for.
func TestStepsSayWhy(t *testing.T) {
	from := "table t\ncolumn t.a in t #1 def=1\ncolumn t.b in t #2\nview v : t.a\ncomment c in v"
	to := "table t\ncolumn t.a in t #1 def=2\ncolumn t.b in t #2\nview v : t.a\ncomment c in v\ncolumn t.d in t #3"
	plan, err := diff.MakePlan(mini(t, from), mini(t, to), miniKinds())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"drop v because t.a attrs [] takes [comment c] after []",
		"alter t.a because  attrs [def] takes [] after [drop v]",
		"create t.d because  attrs [] takes [] after []",
		"create v because t.a attrs [] takes [] after [drop v alter t.a]",
		"create c because v attrs [] takes [] after [drop v create v]",
	}
	for i, s := range plan.Steps {
		var after []string
		for _, r := range s.After {
			after = append(after, fmt.Sprintf("%s %s", r.Action, r.ID.Name))
		}
		got := fmt.Sprintf("%s %s because %s attrs %v takes %v after %v", s.Action, s.ID.Name, s.Because.Name, s.Attrs, s.Takes, after)
		if i >= len(want) || got != want[i] {
			t.Errorf("step %d: %s", i+1, got)
		}
	}
	if len(plan.Steps) != len(want) {
		t.Errorf("%d steps, want %d", len(plan.Steps), len(want))
	}
}
