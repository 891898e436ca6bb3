package kinds

import (
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// impliedPrivileges makes an Implies: what the default privileges of the
// database before the plan give on a new object, which the owner of the
// database makes. What is what ALTER DEFAULT PRIVILEGES calls such objects,
// and target is how GRANT refers to one.
func impliedPrivileges(what string, target func(*schema.Object) string) func(*schema.Snapshot, *schema.Object) []*schema.Object {
	return func(from *schema.Snapshot, created *schema.Object) []*schema.Object {
		var out []*schema.Object
		for grantee, d := range defaultsFor(from, what, schemaOf(created)) {
			if p := impliedPrivilege(created, target(created), grantee, d.of.Get("grantee"), d.of.Get("built_in"), d.given); p != nil {
				out = append(out, p)
			}
		}
		return out
	}
}

// grantOn makes a target of a noun and an object's name.
func grantOn(noun string) func(*schema.Object) string {
	return func(o *schema.Object) string { return noun + " " + strings.Replace(o.ID.Name, "(*)", "()", 1) }
}

// schemaOf is the schema that an object is in; its need of it says so.
func schemaOf(o *schema.Object) string {
	if s := o.Get("schema"); s != "" {
		return s
	}
	for _, n := range o.Needs {
		if n.Kind == "schema" {
			return n.Name
		}
	}
	return ""
}

// A defaulted is what a grantee gets on a new object when it is made; of is
// one of the default privileges that say so.
type defaulted struct {
	of    *schema.Object
	given map[string]level
}

// defaultsFor reckons what each grantee gets: what holds everywhere replaces
// the built-in default, and what holds in the schema adds to that.
func defaultsFor(from *schema.Snapshot, what, in string) map[string]*defaulted {
	out := map[string]*defaulted{}
	add := func(where string, merge func(d *defaulted, o *schema.Object)) {
		prefix := "for role CURRENT_USER" + where + " on " + strings.ToLower(what) + " to "
		for id, o := range from.Objects {
			grantee, ok := strings.CutPrefix(id.Name, prefix)
			if id.Kind != "default privilege" || !ok {
				continue
			}
			if out[grantee] == nil {
				out[grantee] = &defaulted{of: o, given: levelsOf(o.Get("built_in"))}
			}
			merge(out[grantee], o)
		}
	}
	add("", func(d *defaulted, o *schema.Object) { d.given = levels(o, o) })
	if in != "" {
		add(" in schema "+in, func(d *defaulted, o *schema.Object) {
			for p, l := range levels(o, o) {
				d.given[p] = max(d.given[p], l)
			}
		})
	}
	return out
}

// impliedPrivilege is a privilege on a new object as the reader will find it,
// or nil if what is given is what there would be anyway.
func impliedPrivilege(created *schema.Object, target, grantee, role, usual string, given map[string]level) *schema.Object {
	var granted, revoked []string
	for _, c := range grantChanges(levelsOf(usual), given) {
		for _, p := range c.privileges {
			if c.verb == "GRANT" {
				granted = append(granted, p+c.suffix)
			} else {
				revoked = append(revoked, c.prefix+p)
			}
		}
	}
	if len(granted)+len(revoked) == 0 {
		return nil
	}
	slices.Sort(granted)
	slices.Sort(revoked)
	return &schema.Object{
		ID:     schema.ID{Kind: "privilege", Name: "on " + created.ID.String() + " to " + grantee},
		Parent: created.ID,
		With:   []schema.ID{created.ID},
		Attrs: schema.Attrs{
			Names:  []string{"target", "grantee", "default", "granted", "revoked"},
			Values: []string{target, role, usual, strings.Join(granted, "\n"), strings.Join(revoked, "\n")},
		},
	}
}

// impliedOnSchema adds what sets a schema public that is made anew apart from
// the one that initdb makes: its owner is whoever makes it, and the rights of
// PUBLIC and the comment are missing.
func impliedOnSchema(from *schema.Snapshot, created *schema.Object) []*schema.Object {
	out := impliedPrivileges("SCHEMAS", grantOn("SCHEMA"))(from, created)
	if created.ID.Name != "public" {
		return out
	}
	hanging := func(kind string, attrs schema.Attrs) *schema.Object {
		id := schema.ID{Kind: kind, Name: "on " + created.ID.String()}
		return &schema.Object{ID: id, Parent: created.ID, With: []schema.ID{created.ID}, Attrs: attrs}
	}
	out = append(out, hanging("comment", schema.Attrs{
		Names:  []string{"on", "text", "usual"},
		Values: []string{"SCHEMA public", "", "standard public schema"},
	}))
	usual := "CREATE\nUSAGE"
	if from.Major() >= 15 {
		usual = "USAGE"
		out = append(out, hanging("owner", schema.Attrs{
			Names:  []string{"on", "owner", "default"},
			Values: []string{"SCHEMA public", "CURRENT_USER", "pg_database_owner"},
		}))
	}
	given := map[string]level{}
	out = slices.DeleteFunc(out, func(o *schema.Object) bool {
		public := o.ID.Name == "on schema public to PUBLIC"
		if public {
			given = levels(o, o)
		}
		return public
	})
	if p := impliedPrivilege(created, "SCHEMA public", "PUBLIC", "PUBLIC", usual, given); p != nil {
		out = append(out, p)
	}
	return out
}
