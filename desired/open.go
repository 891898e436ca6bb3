package desired

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/schema"
)

// openKinds says which objects of open kinds (schema.Kind.Open) count: a
// database may hold more of them than its history makes.
type openKinds struct {
	kinds map[string]bool
	read  []string           // the tables whose rows were read on every side
	made  map[schema.ID]bool // what replayed histories make; nil where none was replayed
}

func newOpenKinds(kinds schema.Kinds, sides []*Built) openKinds {
	o := openKinds{kinds: map[string]bool{}}
	for _, k := range kinds {
		if k.Open {
			o.kinds[k.Name] = true
		}
	}
	for i, side := range sides {
		if i == 0 {
			o.read = slices.Clone(side.Snapshot.Seeds)
		}
		o.read = slices.DeleteFunc(o.read, func(t string) bool { return !slices.Contains(side.Snapshot.Seeds, t) })
		if !side.Replayed {
			continue
		}
		if o.made == nil {
			o.made = map[schema.ID]bool{}
		}
		for id := range side.Snapshot.Objects {
			if o.kinds[id.Kind] {
				o.made[id] = true
			}
		}
	}
	return o
}

// filled counts the tables of a replayed database that have rows and are no seeds.
func filled(ctx context.Context, conn *pgconn.PgConn, seeds []string) (n int, err error) {
	param, err := json.Marshal(append([]string{}, seeds...))
	if err != nil {
		return 0, err
	}
	res := conn.ExecParams(ctx, `SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND c.oid >= 16384 AND pg_catalog.pg_relation_size(c.oid) > 0
		AND pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) NOT IN (SELECT pg_catalog.json_array_elements_text($1::pg_catalog.json))
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')`,
		[][]byte{param}, nil, nil, nil).Read()
	if res.Err != nil {
		return 0, fmt.Errorf("cannot count the tables that have rows: %w", res.Err)
	}
	return strconv.Atoi(string(res.Rows[0][0]))
}

// FilledRule is the rule by which rows of migrations are not compared.
const FilledRule = "tables whose rows no seed block declares"

const (
	unmadeRule = "rows that no migration makes"
	unreadRule = "rows that were not read on both sides"
)

// rule is why an object is left out, "" if it is not.
func (o openKinds) rule(obj *schema.Object) string {
	switch {
	case !o.kinds[obj.ID.Kind]:
		return ""
	case !slices.Contains(o.read, obj.Parent.Name):
		return unreadRule
	case o.made != nil && !o.made[obj.ID]:
		return unmadeRule
	}
	return ""
}
