package desired

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/internal/profile"
	"github.com/tvl-platform/plumb/schema"
)

// AutoProfile has the profile found that a database is on, or that a history
// needs.
const AutoProfile = "auto"

// NoProfile has none used.
const NoProfile = "none"

// use makes profiles count from now on. Where files were named that stand for the
// platform, one that was only found brings nothing of its own.
func (b *Builder) use(profiles []*profile.Profile, why string) error {
	for _, p := range profiles {
		if slices.ContainsFunc(b.profiles, func(q *profile.Profile) bool { return q.Name == p.Name }) {
			continue
		}
		script, err := NewScript("profile "+p.Name, p.SQL)
		if err != nil {
			return err
		}
		b.profiles = append(b.profiles, p)
		if p.SQL != "" && (len(b.cfg.Init) == 0 || slices.Contains(b.cfg.Profiles, p.Name)) {
			b.provided = append(b.provided, script)
		}
		b.platform = nil
		b.sayOnce("profile %s is used, since %s; --profile none uses none", p.Name, why)
	}
	return nil
}

// useNamed makes the profiles count that were asked for by name.
func (b *Builder) useNamed() error {
	if b.named || len(b.cfg.Profiles) == 0 {
		return nil
	}
	b.named = true
	asked := slices.DeleteFunc(slices.Clone(b.cfg.Profiles), func(n string) bool { return n == AutoProfile || n == NoProfile })
	profiles, err := profile.Named(asked)
	if err != nil {
		return err
	}
	for _, p := range profiles {
		b.said[fmt.Sprintf(usedSince, p.Name)] = true
	}
	return b.use(profiles, "it was asked for")
}

const usedSince = "profile %s is used, since it was asked for; --profile none uses none"

// findsProfiles reports whether profiles are to be found.
func (b *Builder) findsProfiles() bool { return slices.Contains(b.cfg.Profiles, AutoProfile) }

// useFound makes the profiles of the platform count that a database is on.
func (b *Builder) useFound(names []string, where string) error {
	if !b.findsProfiles() || len(names) == 0 {
		return nil
	}
	profiles, err := profile.Named(names)
	if err != nil {
		return err
	}
	return b.use(profiles, where+" is on that platform")
}

// profilesOf lists the names of the profiles that a live database is on.
func profilesOf(ctx context.Context, tx pgx.Tx) ([]string, error) {
	var schemas, roles []string
	if err := tx.QueryRow(ctx, `SELECT ARRAY(SELECT nspname::pg_catalog.text FROM pg_catalog.pg_namespace),
		ARRAY(SELECT rolname::pg_catalog.text FROM pg_catalog.pg_roles)`).Scan(&schemas, &roles); err != nil {
		return nil, err
	}
	found, err := profile.In(schemas, roles)
	var out []string
	for _, p := range found {
		out = append(out, p.Name)
	}
	return out, err
}

// missed is what the server calls a thing that is not there: the schema that it
// would be in, or a publication.
var missed = regexp.MustCompile(`(?:schema "|relation "|function |type "|publication ")([a-z_0-9]+)`)

// findProfile makes the profile count that provides what a replay has missed,
// and reports whether there is one.
func (b *Builder) findProfile(failed *StatementError) (bool, error) {
	if !b.findsProfiles() || len(b.cfg.Init) > 0 {
		return false, nil
	}
	all, err := profile.All()
	if err != nil {
		return false, err
	}
	name, role := "", missingRole(failed.Server)
	if m := missed.FindStringSubmatch(failed.Server.Message); m != nil {
		name = m[1]
	}
	for _, p := range all {
		used := slices.ContainsFunc(b.profiles, func(q *profile.Profile) bool { return q.Name == p.Name })
		if !used && p.SQL != "" && p.Provides(role, name) {
			return true, b.use([]*profile.Profile{p}, fmt.Sprintf("%s needs what it provides (%s)", failed.Path, printable(failed.Server.Message)))
		}
	}
	return false, nil
}

// makeRoles makes the roles of the profiles on a private cluster.
func (b *Builder) makeRoles(ctx context.Context) error {
	if len(b.profiles) == 0 {
		return nil
	}
	return b.admin(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT rolname FROM pg_catalog.pg_roles")
		if err != nil {
			return err
		}
		there, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, p := range b.profiles {
			for _, role := range p.Named("role") {
				if slices.Contains(there, role) {
					continue
				}
				if !b.server.Private() {
					return errors.New("roles are not made on a server of yours: create role " + role + " there, or leave out --dev-url")
				}
				if _, err := conn.Exec(ctx, "CREATE ROLE "+pgx.Identifier{role}.Sanitize()+" NOLOGIN"); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// ofProfile reports whether a role is one of the profiles'.
func (b *Builder) ofProfile(role string) bool {
	return slices.ContainsFunc(b.profiles, func(p *profile.Profile) bool { return p.Provides(role, "") })
}

// scenery is what the comparison leaves out because a platform puts it there.
type scenery struct {
	profiles []*profile.Profile
	// made is what replayed histories make, which is scenery only where the
	// platform manages the schema.
	made map[schema.ID]bool
}

func (b *Builder) scenery(sides []*Built) scenery {
	s := scenery{b.profiles, map[schema.ID]bool{}}
	if len(s.profiles) == 0 || b.platform == nil {
		return s
	}
	for _, side := range sides {
		if !side.Replayed {
			continue
		}
		for id := range side.Snapshot.Objects {
			if b.platform.Objects[id] == nil {
				s.made[id] = true
			}
		}
	}
	return s
}

// rule is the profile that leaves an object out, "" if none does.
func (s scenery) rule(snap *schema.Snapshot, o *schema.Object) string {
	in := strings.Trim(schemaOf(snap, o), `"`)
	for _, p := range s.profiles {
		if (!s.made[o.ID] || slices.Contains(p.Managed, in)) && hides(p, snap, o) {
			return sceneryRule(p)
		}
	}
	return ""
}

func sceneryRule(p *profile.Profile) string { return "profile " + p.Name }

// uses reports whether a rule is that of a profile.
func (s scenery) uses(rule string) bool {
	return slices.ContainsFunc(s.profiles, func(p *profile.Profile) bool { return rule == sceneryRule(p) })
}

// hides reports whether an object is scenery to a profile.
func hides(p *profile.Profile, snap *schema.Snapshot, o *schema.Object) bool {
	for _, attr := range []string{"grantee", "role", "member"} {
		if v := strings.Trim(o.Get(attr), `"`); v != "" && slices.Contains(p.Internals(), v) {
			return true
		}
	}
	if toOwner(p, o) {
		return true
	}
	root := rootOf(snap, o)
	if slices.Contains(p.Named(root.ID.Kind), strings.Trim(root.ID.Name, `"`)) {
		return !needsProject(p, snap, o)
	}
	in := strings.Trim(schemaOf(snap, o), `"`)
	if in == "" {
		return between(p, snap, root)
	}
	return slices.Contains(p.Schemas, in) && !kept(p, snap, o) && !needsProject(p, snap, o) && !opens(p, in, root, o)
}

// toOwner reports whether an object gives the owner of the database what it
// would not have as the owner of the thing.
func toOwner(p *profile.Profile, o *schema.Object) bool {
	return p.Owner != "" && o.Get("grantee") == "CURRENT_USER" && o.Get("default") == ""
}

// opens reports whether an object lets a role of a project's, or everybody, reach
// what the platform guards.
func opens(p *profile.Profile, in string, root, o *schema.Object) bool {
	to := strings.Trim(o.Get("grantee"), `"`)
	return (to == "PUBLIC" || slices.Contains(p.Roles, to)) && o.Get("granted") != "" &&
		slices.Contains(p.Guarded.Schemas, in) && slices.Contains(p.Guarded.Kinds, root.ID.Kind)
}

// between reports whether an object that is in no schema, such as a cast, is one
// of the platform's objects only.
func between(p *profile.Profile, snap *schema.Snapshot, o *schema.Object) bool {
	inside := func(id schema.ID) bool {
		n := snap.Objects[id]
		return n != nil && slices.Contains(p.Schemas, strings.Trim(schemaOf(snap, n), `"`))
	}
	on := slices.Concat(o.Needs, o.With)
	return len(on) > 0 && !slices.ContainsFunc(on, func(id schema.ID) bool { return !inside(id) })
}

// kept reports whether an object, or what it is a part of, is the project's
// wherever it is.
func kept(p *profile.Profile, snap *schema.Snapshot, o *schema.Object) bool {
	for ; o != nil; o = snap.Objects[o.Parent] {
		if slices.Contains(p.Kept, o.ID.Kind) {
			return true
		}
	}
	return false
}

// needsProject reports whether an object needs one that is not the platform's.
func needsProject(p *profile.Profile, snap *schema.Snapshot, o *schema.Object) bool {
	return slices.ContainsFunc(o.Needs, func(id schema.ID) bool {
		n := snap.Objects[id]
		if n == nil || n.Parent.IsZero() && schemaOf(snap, n) == n.ID.Name {
			return false
		}
		in := strings.Trim(schemaOf(snap, n), `"`)
		return in != "" && !slices.Contains(p.Schemas, in)
	})
}
