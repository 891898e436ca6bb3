package diff_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

const clusterBefore = `
CREATE ROLE cluster_old LOGIN PASSWORD 'secret' CONNECTION LIMIT 3 VALID UNTIL '2030-01-01';
CREATE ROLE cluster_app;
CREATE ROLE cluster_group;
GRANT cluster_group TO cluster_app WITH ADMIN OPTION;
GRANT cluster_group TO cluster_old;
ALTER ROLE cluster_app SET search_path TO a, "B c";
ALTER ROLE cluster_app SET work_mem TO '1MB';
ALTER ROLE cluster_old SET "plumb.Odd" TO E'x\\y''%s';
COMMENT ON ROLE cluster_app IS 'app''s';
CREATE TABLE t (a int);
ALTER TABLE t OWNER TO cluster_old;
GRANT SELECT ON t TO cluster_app;
CREATE POLICY p ON t TO cluster_old, cluster_app;
ALTER DEFAULT PRIVILEGES FOR ROLE cluster_old GRANT SELECT ON TABLES TO cluster_app;`

const clusterAfter = `
ALTER DEFAULT PRIVILEGES FOR ROLE cluster_old REVOKE SELECT ON TABLES FROM cluster_app;
CREATE ROLE "Plumb x" NOINHERIT REPLICATION BYPASSRLS CREATEROLE CONNECTION LIMIT 0;
CREATE ROLE cluster_super SUPERUSER;
ALTER TABLE t OWNER TO "Plumb x";
ALTER POLICY p ON t TO "Plumb x";
DROP ROLE cluster_old;
ALTER ROLE cluster_app LOGIN CREATEDB VALID UNTIL '2031-01-01';
REVOKE ADMIN OPTION FOR cluster_group FROM cluster_app;
GRANT cluster_app TO "Plumb x" WITH ADMIN OPTION;
GRANT "Plumb x" TO CURRENT_USER;
ALTER ROLE cluster_app SET search_path TO '';
ALTER ROLE cluster_app RESET work_mem;
ALTER ROLE ALL SET lock_timeout TO '9min';
COMMENT ON ROLE cluster_app IS NULL;
COMMENT ON ROLE cluster_group IS 'x\y';
GRANT CREATE ON TABLESPACE pg_default TO cluster_app;
DO $$ BEGIN
  EXECUTE format('ALTER ROLE cluster_app IN DATABASE %I SET work_mem TO ''2MB''', current_database());
  EXECUTE format('ALTER DATABASE %I SET search_path TO "$user", ''it''''s 100%%''', current_database());
  EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 17', current_database());
  EXECUTE format('COMMENT ON DATABASE %I IS ''100%% o''''k''', current_database());
  EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO "Plumb x" WITH GRANT OPTION', current_database());
  EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
END $$;`

const clusterAfter15 = `
GRANT SET, ALTER SYSTEM ON PARAMETER work_mem TO cluster_app WITH GRANT OPTION;
GRANT SET ON PARAMETER "plpgsql.extra_errors" TO "Plumb x";`

const clusterAfter16 = `
CREATE ROLE cluster_one;
CREATE ROLE cluster_two;
GRANT cluster_group TO cluster_one WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
GRANT cluster_group TO cluster_two WITH INHERIT TRUE GRANTED BY cluster_one;`

// Roles, memberships, settings and what hangs on the database go there and
// back, and away.
func TestCluster(t *testing.T) {
	for _, major := range dbtest.All {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			d := dbtest.Database(t, pool.Server(t, major))
			empty := readCluster(t, d)
			load(t, d, clusterBefore)
			before := readCluster(t, d)
			load(t, d, clusterAfter)
			if major >= 15 {
				load(t, d, clusterAfter15)
			}
			if major >= 16 {
				load(t, d, clusterAfter16)
			}
			after := readCluster(t, d)
			now := after
			for _, want := range []*schema.Snapshot{before, after, empty, after, before, empty} {
				now = migrateCluster(t, d, now, want)
			}
		})
	}
}

var withCluster = slices.Concat(kinds.Cluster, kinds.All)

func readCluster(t *testing.T, d *devserver.Database) *schema.Snapshot {
	t.Helper()
	s, err := dbtest.Read(context.Background(), d, withCluster)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range s.Objects {
		for _, v := range o.Attrs.Values {
			if strings.Contains(v, "secret") {
				t.Errorf("%s shows a secret: %s", o.ID, v)
			}
		}
	}
	return s
}

func migrateCluster(t *testing.T, d *devserver.Database, now, want *schema.Snapshot) *schema.Snapshot {
	t.Helper()
	plan, err := diff.MakePlan(now, want, withCluster)
	if err != nil {
		t.Fatal(err)
	}
	script := strings.Join(plan.Statements(), ";\n")
	load(t, d, script)
	got := readCluster(t, d)
	for _, c := range diff.Compare(got, want, withCluster) {
		t.Errorf("%s still differs in %v after\n%s", c.ID(), c.Attrs, script)
	}
	return got
}
