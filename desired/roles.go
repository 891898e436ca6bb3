package desired

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/internal/devserver"
)

// standIn makes the roles whose absence stopped a script, and reports whether
// it made any. It does so on a private cluster only: on somebody's server
// roles are theirs to make.
func (b *Builder) standIn(ctx context.Context, failed *StatementError) (made bool, err error) {
	if len(failed.roles) == 0 {
		return false, nil
	}
	if !b.server.Private() {
		return false, errors.New("roles are not made on a server of yours; create it there, or leave out --dev-url")
	}
	err = b.admin(ctx, func(conn *pgx.Conn) error {
		for _, role := range failed.roles {
			if b.standIns[role] {
				continue
			}
			if _, err := conn.Exec(ctx, "CREATE ROLE "+pgx.Identifier{role}.Sanitize()+" NOLOGIN"); err != nil {
				return err
			}
			b.standIns[role], b.everStoodIn[role], made = true, true, true
			b.sayOnce("role %q does not exist: a stand-in without login takes its place on the throw-away server", printable(role))
		}
		return nil
	})
	return made, err
}

// forgetRoles drops the roles that replayed files have made, so that the next
// replay finds the cluster as this one did. Stand-ins stay while they are needed.
func (b *Builder) forgetRoles(ctx context.Context) error {
	return b.dropRoles(ctx, func(role string) bool { return b.standIns[role] || b.ofProfile(role) })
}

// dropRoles drops the roles of a private cluster, but for those to keep.
func (b *Builder) dropRoles(ctx context.Context, keep func(role string) bool) error {
	roles, err := b.roles(ctx)
	if err != nil {
		return err
	}
	roles = slices.DeleteFunc(roles, keep)
	if len(roles) == 0 {
		return nil
	}
	return b.admin(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DROP ROLE "+strings.Join(quoted(roles), ", "))
		return err
	})
}

// roles lists the roles that a private cluster has by now.
func (b *Builder) roles(ctx context.Context) (names []string, err error) {
	if !b.server.Private() {
		return nil, nil
	}
	err = b.admin(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT rolname FROM pg_catalog.pg_roles WHERE oid >= 16384 ORDER BY rolname")
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return names, err
}

// admin runs work on the private cluster, outside of any database that is built.
func (b *Builder) admin(ctx context.Context, work func(*pgx.Conn) error) error {
	conn, err := pgx.ConnectConfig(ctx, b.outside.Copy())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return work(conn)
}

// copySettings gives a database the settings that ALTER DATABASE … SET and
// ALTER ROLE … IN DATABASE … SET have given to another.
func copySettings(ctx context.Context, from, to *devserver.Database) error {
	conn, err := from.Connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `
SELECT coalesce(r.rolname, ''), split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)
FROM pg_catalog.pg_db_role_setting s
JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase AND d.datname = current_database()
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
CROSS JOIN unnest(s.setconfig) o ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	type setting struct{ Role, Name, Value string }
	settings, err := pgx.CollectRows(rows, pgx.RowToStructByPos[setting])
	if err != nil {
		return err
	}
	for _, s := range settings {
		target := "DATABASE " + pgx.Identifier{to.Name}.Sanitize()
		if s.Role != "" {
			target = "ROLE " + pgx.Identifier{s.Role}.Sanitize() + " IN " + target
		}
		if _, err := conn.Exec(ctx, "SELECT pg_catalog.set_config($1, $2, false)", s.Name, s.Value); err != nil {
			return err
		}
		name := strings.Join(quoted(strings.Split(s.Name, ".")), ".")
		if _, err := conn.Exec(ctx, "ALTER "+target+" SET "+name+" FROM CURRENT"); err != nil {
			return err
		}
	}
	return nil
}

func quoted(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, pgx.Identifier{n}.Sanitize())
	}
	return out
}
