package kinds

import (
	"maps"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// privileges are what one role has granted to another on an object or a
// column beyond what it would have anyway, and what was taken away of that.
// What it would have anyway is acldefault's answer or, for what initdb and
// extensions made, what they granted (pg_init_privs). An access control list
// that is NULL is the default; an empty one takes everything away.
//
// The owner of an object is called "the owner", because its privileges pass
// to the next owner by ALTER … OWNER; the owner of the database, on what
// others own, is CURRENT_USER; and what the owner granted has no grantor.
var privileges = &schema.Kind{
	Name:     "privilege",
	Query:    privilegeQuery(grantables),
	Anywhere: true,
	Hangs:    true,
	Undoes:   true,
	Attrs:    privilegeAttrs(),
	Relies:   privilegeRelies,
	After:    privilegeAfter,
	Create:   func(b schema.Built) []string { return grantTo(b.Object, nil, b.Object) },
	Drop:     func(o *schema.Object) []string { return grantTo(o, o, nil) },
	Widens:   widensPrivileges,
	// From PostgreSQL 15 on initdb lets PUBLIC create nothing in the schema public.
	Unlike: func(o *schema.Object, low, high int) bool {
		return low < 15 && high >= 15 && o.Get("target") == "SCHEMA public" && o.Get("grantee") == "PUBLIC"
	},
}

func privilegeAttrs() []schema.Attr {
	return []schema.Attr{
		{Name: "on", Fact: true},
		{Name: "target", Fact: true},
		{Name: "column", Fact: true},
		{Name: "relation", Fact: true},
		{Name: "grantee", Fact: true},
		{Name: "grantor", Fact: true},
		{Name: "right", Fact: true}, // the grantor's, by the ends of their names
		{Name: "default", Fact: true},
		{Name: "granted", Alter: alterPrivileges, Blocks: blocksPrivileges, Known: knownPrivileges},
		{Name: "revoked", Alter: alterPrivileges, Blocks: blocksPrivileges, Known: knownPrivileges},
	}
}

// A level is how far a role has a privilege.
type level int

const (
	without level = iota
	has
	canGrant // WITH GRANT OPTION
)

const (
	withGrant = " WITH GRANT OPTION"
	grantOnly = "GRANT OPTION FOR "
)

// levels lists what a role has on an object, on top of the defaults that
// of knows; o is nil where nothing was changed of them.
func levels(of, o *schema.Object) map[string]level {
	out := levelsOf(of.Get("default"))
	if o == nil {
		return out
	}
	maps.Copy(out, levelsOf(o.Get("granted")))
	for _, p := range lines(o.Get("revoked")) {
		if q, ok := strings.CutPrefix(p, grantOnly); ok {
			out[q] = has
		} else {
			delete(out, p)
		}
	}
	return out
}

// levelsOf reads a list of privileges.
func levelsOf(text string) map[string]level {
	out := map[string]level{}
	for _, privilege := range lines(text) {
		if p, ok := strings.CutSuffix(privilege, withGrant); ok {
			out[p] = canGrant
		} else {
			out[p] = has
		}
	}
	return out
}

// privilegeOrder is the order in which privileges are written.
var privilegeOrder = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN",
	"USAGE", "CREATE", "CONNECT", "TEMPORARY", "EXECUTE", "SET", "ALTER SYSTEM"}

// privilegeSince says from which major on there is a privilege, where that is
// not always.
var privilegeSince = map[string]int{"MAINTAIN": 17, "SET": 15, "ALTER SYSTEM": 15}

// knownPrivileges leaves out of a list the privileges that a major lacks: ALL
// is more on a later one.
func knownPrivileges(text string, major int) string {
	known := slices.DeleteFunc(lines(text), func(p string) bool {
		p = strings.TrimSuffix(strings.TrimPrefix(p, grantOnly), withGrant)
		return privilegeSince[p] > major
	})
	return strings.Join(known, "\n")
}

// grantTo writes the statements that lead from the privileges of was to those
// of is; nil stands for the default. Revoking goes first.
func grantTo(of, was, is *schema.Object) []string {
	out := []string{}
	for _, c := range grantChanges(levels(of, was), levels(of, is)) {
		out = append(out, c.on(of.Get("target"), of.Get("column"), of.Get("grantee")))
	}
	if g := of.Get("grantor"); len(out) > 0 && g != "" && g != "CURRENT_USER" {
		// GRANTED BY accepts nobody but the current user.
		return append(append([]string{"SET ROLE " + g}, out...), "RESET ROLE")
	}
	return out
}

// A grantChange is one GRANT or REVOKE of several privileges.
type grantChange struct {
	verb, prefix string
	privileges   []string
	to, suffix   string
}

// on writes the statement; a column may be empty.
func (c grantChange) on(target, column, grantee string) string {
	list := slices.Clone(c.privileges)
	if column != "" {
		for i := range list {
			list[i] += " (" + column + ")"
		}
	}
	text := func(target, grantee string) string {
		return c.verb + " " + c.prefix + strings.Join(list, ", ") + " ON " + target + " " + c.to + " " + grantee + c.suffix
	}
	if target == "DATABASE" {
		return executeFor("current_database()", text("DATABASE %I", percents(grantee)))[0]
	}
	return text(target, grantee)
}

// grantChanges sorts the differences into the statements that make them.
func grantChanges(was, is map[string]level) []grantChange {
	all := []grantChange{
		{"REVOKE", "", nil, "FROM", ""},
		{"REVOKE", grantOnly, nil, "FROM", ""},
		{"GRANT", "", nil, "TO", ""},
		{"GRANT", "", nil, "TO", withGrant},
	}
	for _, p := range privilegeOrder {
		i := 0
		switch old, now := was[p], is[p]; {
		case old == now:
			continue
		case now == without:
		case now == has && old == canGrant:
			i = 1
		case now == has:
			i = 2
		default:
			i = 3
		}
		all[i].privileges = append(all[i].privileges, p)
	}
	return slices.DeleteFunc(all, func(c grantChange) bool { return len(c.privileges) == 0 })
}

func alterPrivileges(old, new *schema.Object) []string { return grantTo(new, old, new) }

// blocksPrivileges takes out of the way, where something is revoked, what
// leans on it: grants by the grantee, which would keep it from being revoked,
// and column privileges, which REVOKE on the table takes away too.
func blocksPrivileges(old, new *schema.Object) []string {
	now := levels(new, new)
	for p, l := range levels(old, old) {
		if now[p] < l {
			return []string{old.ID.Kind}
		}
	}
	return nil
}

// widensPrivileges reports whether somebody has more than before.
func widensPrivileges(old, new *schema.Object) bool {
	of := new
	if new == nil {
		of = old
	}
	was := levels(of, old)
	for p, l := range levels(of, new) {
		if l > was[p] {
			return true
		}
	}
	return false
}
