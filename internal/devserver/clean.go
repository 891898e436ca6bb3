package devserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// clean makes the cluster what it was when initdb had made it: no database, role or tablespace of an
// earlier run, no setting of a role. What it leaves is compared with a description that was taken when
// the cluster was new, and what differs is an error, upon which the slot is thrown away. Spares may
// stay.
func (s *slot) clean(ctx context.Context, conn *pgx.Conn) error {
	file := filepath.Join(s.dir, "pristine")
	now, err := describe(ctx, conn)
	if err != nil {
		return fmt.Errorf("cannot read the cluster's catalogs: %w", err)
	}
	want, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return os.WriteFile(file, []byte(now), 0o600)
	}
	if err != nil || now == string(want) {
		return err
	}
	if err := dropLeftovers(ctx, conn); err != nil {
		return fmt.Errorf("cannot clean the cluster: %w", err)
	}
	if now, err = describe(ctx, conn); err != nil {
		return err
	}
	if now != string(want) {
		return errors.New("cannot clean the cluster: an earlier run changed it for good")
	}
	return nil
}

// shared are the catalogs that all databases of a cluster have in common, and what of them changes
// without anybody's doing.
var shared = []struct {
	catalog string
	since   int
	without string
	where   string
}{
	{catalog: "pg_authid"},
	{catalog: "pg_auth_members"},
	{catalog: "pg_database", without: "datfrozenxid,datminmxid", where: "datname NOT LIKE '" + sparePattern + "'"},
	{catalog: "pg_db_role_setting"},
	{catalog: "pg_parameter_acl", since: 15},
	{catalog: "pg_replication_origin"},
	{catalog: "pg_replication_slots"},
	{catalog: "pg_shdescription"},
	{catalog: "pg_shseclabel"},
	{catalog: "pg_subscription"},
	{catalog: "pg_tablespace"},
}

const sparePattern = `plumb\_spare\_%`

// describe returns a text that is the same for two clusters in which nobody has made or changed
// anything outside of a database.
func describe(ctx context.Context, conn *pgx.Conn) (string, error) {
	var parts []string
	major := majorOf(conn)
	for _, c := range shared {
		if major >= c.since {
			parts = append(parts, fmt.Sprintf("SELECT '%[1]s ' || (pg_catalog.to_jsonb(t) - '{%[2]s}'::text[])::text AS line FROM pg_catalog.%[1]s t WHERE %[3]s",
				c.catalog, c.without, cmp.Or(c.where, "true")))
		}
	}
	var text string
	err := conn.QueryRow(ctx, `SELECT pg_catalog.string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (`+
		strings.Join(parts, " UNION ALL ")+") s").Scan(&text)
	return text, err
}

// dropLeftovers drops what earlier runs left in a private cluster, where everything that initdb did not
// make is ours.
func dropLeftovers(ctx context.Context, conn *pgx.Conn) error {
	databases, err := names(ctx, conn, "SELECT datname FROM pg_catalog.pg_database WHERE oid >= 16384 AND datname NOT LIKE '"+sparePattern+"'")
	if err != nil {
		return err
	}
	for _, name := range databases {
		if _, err := conn.Exec(ctx, "ALTER DATABASE "+quote(name)+" IS_TEMPLATE false"); err != nil {
			return err
		}
		if err := dropDatabase(ctx, conn, name); err != nil {
			return err
		}
	}
	tablespaces, err := names(ctx, conn, "SELECT spcname FROM pg_catalog.pg_tablespace WHERE oid >= 16384")
	if err != nil {
		return err
	}
	for _, name := range tablespaces {
		if _, err := conn.Exec(ctx, "DROP TABLESPACE "+quote(name)); err != nil {
			return err
		}
	}
	roles, err := names(ctx, conn, "SELECT rolname FROM pg_catalog.pg_roles WHERE oid >= 16384")
	if err != nil || len(roles) == 0 {
		return err
	}
	for i := range roles {
		roles[i] = quote(roles[i])
	}
	list := strings.Join(roles, ", ")
	_, err = conn.Exec(ctx, "DROP OWNED BY "+list+" CASCADE; DROP ROLE "+list)
	return err
}

func names(ctx context.Context, conn *pgx.Conn, query string) ([]string, error) {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// majorOf is the major version that the server told when the connection was made.
func majorOf(conn *pgx.Conn) int {
	var major int
	fmt.Sscanf(conn.PgConn().ParameterStatus("server_version"), "%d", &major)
	return major
}
