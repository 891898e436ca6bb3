package desired

import (
	"cmp"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// Outside is what the comparison of certain states leaves out, on all of their
// sides alike, so that nothing which is not the project's looks like a change.
type Outside struct {
	scope    Scope
	platform map[schema.ID]bool
	made     string // the rule of what the platform's files made
	defaults []*schema.Object
	logs     bool
	brought  map[schema.ID]bool
	open     openKinds
	scenery  scenery
	without  map[string]leftOut
	unlike   func(*schema.Object) bool // between the majors of the sides
}

// Outside finds what to leave out of a comparison:
//
//   - what the platform's files made, as long as no replayed history has
//     changed it; from then on it is the history's;
//   - roles that are stand-ins, as nobody knows what they really are;
//   - the tables in which tools note what they applied, unless a replayed
//     history makes them;
//   - rows that no replayed history makes, and those of tables whose rows were
//     not read on every side;
//   - what the profiles of platforms know to be there, unless a replayed history
//     makes it by itself;
//   - what an extension brought on one of the sides: where the database was
//     upgraded (pg_upgrade, ALTER EXTENSION UPDATE), that does not show there;
//   - extensions that a replay had to do without;
//   - what the majors of the sides differ in by themselves;
//   - what the scope leaves out.
func (b *Builder) Outside(sides ...*Built) Outside {
	o := Outside{scope: b.cfg.Scope, platform: map[schema.ID]bool{}, brought: map[schema.ID]bool{}, made: b.platformRule(), logs: true, open: newOpenKinds(b.cfg.Kinds, sides), scenery: b.scenery(sides), without: b.without}
	low, high := majors(sides...)
	o.unlike = func(obj *schema.Object) bool {
		unlike := b.cfg.Kinds.Find(obj.ID.Kind).Unlike
		return unlike != nil && low > 0 && unlike(obj, low, high)
	}
	for _, side := range sides {
		for _, id := range side.Snapshot.Brought {
			o.brought[id] = true
		}
	}
	for role := range b.everStoodIn {
		o.platform[schema.ID{Kind: "role", Name: quoteIdent(role)}] = true
	}
	if b.platform == nil {
		return o
	}
	for id := range b.platform.Objects {
		o.platform[id] = true
	}
	for _, side := range sides {
		if !side.Replayed {
			continue
		}
		for _, c := range diff.Compare(b.platform, side.Snapshot, b.cfg.Kinds) {
			delete(o.platform, c.ID())
		}
		for id := range side.Snapshot.Objects {
			if b.platform.Objects[id] == nil && isLog(id) {
				o.logs = false
			}
		}
	}
	for id, obj := range b.platform.Objects {
		if id.Kind == "default privilege" && o.platform[id] {
			o.defaults = append(o.defaults, obj)
		}
	}
	return o
}

// quoteIdent quotes a name where the server would, or nearly so.
func quoteIdent(name string) string {
	for i, r := range name {
		if !(r >= 'a' && r <= 'z' || r == '_' || i > 0 && r >= '0' && r <= '9') {
			return pgx.Identifier{name}.Sanitize()
		}
	}
	return name
}

// Remove returns a snapshot without what is left out, which it counts by rule.
// The platform's default privileges are the same on every side: no difference,
// but what is made there gets them, and a plan has to reckon with that.
func (o Outside) Remove(snap *schema.Snapshot) *schema.Snapshot {
	out := *snap
	out.Objects, out.Hidden = map[schema.ID]*schema.Object{}, maps.Clone(snap.Hidden)
	if out.Hidden == nil {
		out.Hidden = map[string]int{}
	}
	rules := map[schema.ID]string{}
	for id, obj := range snap.Objects {
		if rule := o.rule(snap, obj, rules, 0); rule != "" {
			out.Hidden[rule]++
			continue
		}
		out.Objects[id] = obj
	}
	for _, d := range o.defaults {
		out.Objects[d.ID] = d
	}
	return &out
}

// rule is why an object is left out, "" if it is not. What hangs on a log or
// on something out of scope is left out with it; what hangs on an object of
// the platform may well be the project's.
func (o Outside) rule(snap *schema.Snapshot, obj *schema.Object, known map[schema.ID]string, depth int) string {
	if rule, ok := known[obj.ID]; ok {
		return rule
	}
	rule := o.ownRule(snap, obj)
	for i := 0; rule == "" && i < len(obj.With) && depth < 8; i++ {
		if with := snap.Objects[obj.With[i]]; with != nil {
			if r := o.rule(snap, with, known, depth+1); !o.ofPlatform(r) {
				rule = r
			}
		}
	}
	known[obj.ID] = rule
	return rule
}

const (
	platformRule = "made by the platform (dev_init)"
	logRule      = "log of applied migrations"
	broughtRule  = "brought by extensions"
	unlikeRule   = "not the same from the beginning on the majors compared"
	withoutRule  = "extensions that the server to replay on does not have"
)

// platformRule is the rule of what stands for the platform: its files, or those
// of a profile.
func (b *Builder) platformRule() string {
	for _, p := range b.profiles {
		if len(b.cfg.Init) == 0 && p.SQL != "" {
			return sceneryRule(p)
		}
	}
	return platformRule
}

// ofPlatform reports whether a rule leaves out what the platform puts there.
func (o Outside) ofPlatform(rule string) bool { return rule == o.made || o.scenery.uses(rule) }

func (o Outside) ownRule(snap *schema.Snapshot, obj *schema.Object) string {
	switch {
	case o.platform[obj.ID]:
		return o.made
	case o.logs && isLog(obj.ID):
		return logRule
	case o.brought[obj.ID]:
		return broughtRule
	case o.unlike != nil && o.unlike(obj):
		return unlikeRule
	}
	if root := rootOf(snap, obj).ID; root.Kind == "extension" {
		if _, ok := o.without[strings.Trim(root.Name, `"`)]; ok {
			return withoutRule
		}
	}
	if rule := cmp.Or(o.open.rule(obj), o.scenery.rule(snap, obj)); rule != "" {
		return rule
	}
	return o.scope.rule(snap, obj)
}

// isLog reports whether a tool keeps its log of applied migrations there.
func isLog(id schema.ID) bool {
	if id.Kind == "schema" {
		return id.Name == "atlas_schema_revisions" || id.Name == "supabase_migrations"
	}
	if id.Kind != "table" {
		return false
	}
	in, name, _ := strings.Cut(id.Name, ".")
	if in == "atlas_schema_revisions" || in == "supabase_migrations" {
		return true
	}
	switch name {
	case "migrations_log", "schema_migrations", "_prisma_migrations", "goose_db_version", "atlas_schema_revisions":
		return true
	}
	return false
}
