package desired

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/history"
)

// A tracer notes which statement of a replay has written which rows of the
// catalogs. Every row tells the transaction that wrote it (xmin), and every
// statement has one of its own: inside a transaction it is given a savepoint,
// which has a number as a transaction has.
type tracer struct {
	from  int64 // the number of the next transaction, before the statement
	marks map[mark]*touched
	major int
}

// A mark is a row of the catalogs by the object that it belongs to, or what the
// row says of the object's owner and privileges, or a comment on it.
type mark struct {
	catalog.Address
	aspect string
}

const (
	itself  = ""
	access  = "access" // owner and privileges
	comment = "comment"
)

// touched says which statements have written a row: the first and the last.
type touched struct {
	made, changed Place
	text          string // of the aspect, where only a change of it counts
}

// traced are the catalogs, each with the object that a row belongs to, and
// what it says of the object's owner and privileges.
var traced = []struct{ class, of, object, sub, access, from string }{
	{"pg_class", "pg_class", "oid", "0", "relowner, relacl", "relkind <> 't'"},
	{"pg_attribute", "pg_class", "attrelid", "attnum", "attacl", "attnum > 0"},
	{"pg_attrdef", "pg_attrdef", "oid", "0", "", ""},
	{"pg_constraint", "pg_constraint", "oid", "0", "", ""},
	{"pg_index", "pg_class", "indexrelid", "0", "", ""},
	{"pg_sequence", "pg_class", "seqrelid", "0", "", ""},
	{"pg_inherits", "pg_class", "inhrelid", "0", "", ""},
	{"pg_foreign_table", "pg_class", "ftrelid", "0", "", ""},
	{"pg_rewrite", "pg_class", "ev_class", "0", "", "rulename = '_RETURN'"},
	{"pg_rewrite", "pg_rewrite", "oid", "0", "", "rulename <> '_RETURN'"},
	{"pg_trigger", "pg_trigger", "oid", "0", "", "NOT tgisinternal"},
	{"pg_policy", "pg_policy", "oid", "0", "", ""},
	{"pg_proc", "pg_proc", "oid", "0", "proowner, proacl", ""},
	{"pg_aggregate", "pg_proc", "aggfnoid::oid", "0", "", ""},
	{"pg_type", "pg_type", "oid", "0", "typowner, typacl", ""},
	{"pg_enum", "pg_type", "enumtypid", "0", "", ""},
	{"pg_range", "pg_type", "rngtypid", "0", "", ""},
	{"pg_namespace", "pg_namespace", "oid", "0", "nspowner, nspacl", ""},
	{"pg_extension", "pg_extension", "oid", "0", "extowner", ""},
	{"pg_language", "pg_language", "oid", "0", "lanowner, lanacl", ""},
	{"pg_operator", "pg_operator", "oid", "0", "oprowner", ""},
	{"pg_opclass", "pg_opclass", "oid", "0", "opcowner", ""},
	{"pg_opfamily", "pg_opfamily", "oid", "0", "opfowner", ""},
	{"pg_amop", "pg_amop", "oid", "0", "", ""},
	{"pg_amproc", "pg_amproc", "oid", "0", "", ""},
	{"pg_am", "pg_am", "oid", "0", "", ""},
	{"pg_cast", "pg_cast", "oid", "0", "", ""},
	{"pg_collation", "pg_collation", "oid", "0", "collowner", ""},
	{"pg_conversion", "pg_conversion", "oid", "0", "conowner", ""},
	{"pg_transform", "pg_transform", "oid", "0", "", ""},
	{"pg_ts_parser", "pg_ts_parser", "oid", "0", "", ""},
	{"pg_ts_template", "pg_ts_template", "oid", "0", "", ""},
	{"pg_ts_dict", "pg_ts_dict", "oid", "0", "dictowner", ""},
	{"pg_ts_config", "pg_ts_config", "oid", "0", "cfgowner", ""},
	{"pg_ts_config_map", "pg_ts_config", "mapcfg", "0", "", ""},
	{"pg_statistic_ext", "pg_statistic_ext", "oid", "0", "stxowner", ""},
	{"pg_foreign_data_wrapper", "pg_foreign_data_wrapper", "oid", "0", "fdwowner, fdwacl", ""},
	{"pg_foreign_server", "pg_foreign_server", "oid", "0", "srvowner, srvacl", ""},
	{"pg_event_trigger", "pg_event_trigger", "oid", "0", "evtowner", ""},
	{"pg_publication", "pg_publication", "oid", "0", "pubowner", ""},
	{"pg_publication_rel", "pg_publication_rel", "oid", "0", "", ""},
	{"pg_publication_namespace", "pg_publication_namespace", "oid", "0", "", ""},
	{"pg_default_acl", "pg_default_acl", "oid", "0", "", ""},
}

// newTracer begins to trace: what is there is nobody's.
func newTracer(ctx context.Context, conn *pgconn.PgConn, major int) (*tracer, error) {
	t := &tracer{marks: map[mark]*touched{}, major: major}
	if err := t.prepare(ctx, conn); err != nil {
		return nil, err
	}
	if err := t.note(ctx, conn, Place{}); err != nil {
		return nil, err
	}
	clear(t.marks)
	return t, conn.Exec(ctx, "DEALLOCATE "+probeName).Close()
}

// prepare prepares the question that follows every statement of a script, since
// to plan it takes longer than to answer it: for the number of the next
// transaction, and which rows were written by transactions since a certain
// number, a line for each, with the object's address and what the row says of
// its owner and privileges.
func (t *tracer) prepare(ctx context.Context, conn *pgconn.PgConn) error {
	_, err := conn.Prepare(ctx, probeName, t.probe(), nil)
	return err
}

const probeName = "plumb_trace"

func (t *tracer) probe() string {
	var parts []string
	for _, c := range traced {
		if c.class == "pg_publication_namespace" && t.major < 15 {
			continue
		}
		text := "''"
		if c.access != "" {
			text = "pg_catalog.concat_ws(' ', " + c.access + ")"
		}
		where := c.object + " >= 16384 AND xmin::pg_catalog.text::pg_catalog.int8 >= $1"
		if c.from != "" {
			where += " AND " + c.from
		}
		parts = append(parts, fmt.Sprintf("SELECT 'pg_catalog.%s'::pg_catalog.regclass::pg_catalog.oid::pg_catalog.int8, %s::pg_catalog.int8, %s::pg_catalog.int4, '%s', %s FROM pg_catalog.%s WHERE %s",
			c.of, c.object, c.sub, itself, text, c.class, where))
	}
	parts = append(parts, "SELECT classoid, objoid, objsubid, '"+comment+"', '' FROM pg_catalog.pg_description WHERE objoid >= 16384 AND xmin::pg_catalog.text::pg_catalog.int8 >= $1")
	return `SELECT pg_catalog.concat(pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot()), E'\n', (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(E'\t', class, object, sub, aspect, text), E'\n') FROM (` +
		strings.Join(parts, "\nUNION ALL ") + `) t(class, object, sub, aspect, text)))`
}

// run runs a statement of a script and notes what it has written.
func (t *tracer) run(ctx context.Context, conn *pgconn.PgConn, path string, st history.Statement) error {
	inside := conn.TxStatus() == 'T' && !savepointWord.MatchString(st.Text)
	if inside {
		if err := conn.Exec(ctx, "SAVEPOINT plumb_trace").Close(); err != nil {
			return err
		}
	}
	if err := RunStatement(ctx, conn, st); err != nil {
		return err
	}
	if err := t.note(ctx, conn, Place{path, st.Line, st.Text}); err != nil {
		return err
	}
	if inside && conn.TxStatus() == 'T' {
		return conn.Exec(ctx, "RELEASE SAVEPOINT plumb_trace").Close()
	}
	return nil
}

// savepointWord begins the statements that set savepoints and go back to them.
// They write nothing, and a savepoint around one would take it away.
var savepointWord = regexp.MustCompile(`(?i)^\s*(savepoint|release|rollback)\b`)

// note asks what has been written since the last time, and by which statement.
func (t *tracer) note(ctx context.Context, conn *pgconn.PgConn, place Place) error {
	res := conn.ExecPrepared(ctx, probeName, [][]byte{strconv.AppendInt(nil, t.from, 10)}, nil, nil).Read()
	if res.Err != nil {
		return fmt.Errorf("cannot trace %s:%d: %w", place.Path, place.Line, res.Err)
	}
	number, rows, _ := strings.Cut(string(res.Rows[0][0]), "\n")
	from, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return fmt.Errorf("cannot trace %s:%d: %w", place.Path, place.Line, err)
	}
	t.from = from
	for _, row := range strings.Split(rows, "\n") {
		f := strings.SplitN(row, "\t", 5)
		if len(f) < 4 {
			continue
		}
		a := catalog.ParseAddress(f[0], f[1], f[2])
		t.touch(mark{a, f[3]}, "", place)
		if f[3] == itself && len(f) == 5 && f[4] != "" {
			t.touch(mark{a, access}, f[4], place)
		}
	}
	return nil
}

// touch notes that a statement has written a row, unless all that counts of it
// is as it was.
func (t *tracer) touch(m mark, text string, place Place) {
	was := t.marks[m]
	switch {
	case was == nil:
		t.marks[m] = &touched{place, place, text}
	case m.aspect != access || was.text != text:
		was.changed, was.text = place, text
	}
}
