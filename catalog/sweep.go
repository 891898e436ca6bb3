package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// everything lists the address of every object that is not built in, from
// every catalog that pg_identify_object knows and that belongs to a database.
// Left out is only what the server itself hides: TOAST tables, temporary
// objects, array and row types, the triggers behind foreign keys and constraint
// triggers' constraints; the NOT NULL of domains, which is read with them; and
// large objects, which are rows: what is granted or said on one is read.
const everything = `
SELECT 'pg_class'::regclass::oid, c.oid FROM pg_class c WHERE c.oid >= 16384 AND c.relkind <> 't' AND c.relpersistence <> 't' AND c.relnamespace <> 'pg_toast'::regnamespace UNION ALL
SELECT 'pg_type'::regclass::oid, t.oid FROM pg_type t WHERE t.oid >= 16384 AND t.typtype <> 'm'
  AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
  AND NOT (t.typelem <> 0 AND EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)) UNION ALL
SELECT 'pg_proc'::regclass::oid, oid FROM pg_proc WHERE oid >= 16384 AND pronamespace::regnamespace::text !~ '^pg_temp' UNION ALL
SELECT 'pg_constraint'::regclass::oid, k.oid FROM pg_constraint k WHERE k.oid >= 16384 AND k.contype <> 't' AND k.conparentid = 0 AND NOT (k.contype = 'n' AND k.contypid <> 0)
  AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = k.conrelid AND c.relpersistence = 't') UNION ALL
SELECT 'pg_rewrite'::regclass::oid, r.oid FROM pg_rewrite r WHERE r.oid >= 16384 AND r.rulename <> '_RETURN' UNION ALL
SELECT 'pg_trigger'::regclass::oid, t.oid FROM pg_trigger t WHERE t.oid >= 16384 AND NOT t.tgisinternal AND t.tgparentid = 0
  AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.tgrelid AND c.relpersistence = 't') UNION ALL
SELECT 'pg_policy'::regclass::oid, oid FROM pg_policy UNION ALL
SELECT 'pg_namespace'::regclass::oid, oid FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_(temp|toast_temp)_' UNION ALL
SELECT 'pg_extension'::regclass::oid, oid FROM pg_extension WHERE oid >= 16384 UNION ALL
SELECT 'pg_language'::regclass::oid, oid FROM pg_language WHERE oid >= 16384 UNION ALL
SELECT 'pg_operator'::regclass::oid, oid FROM pg_operator WHERE oid >= 16384 UNION ALL
SELECT 'pg_opclass'::regclass::oid, oid FROM pg_opclass WHERE oid >= 16384 UNION ALL
SELECT 'pg_opfamily'::regclass::oid, oid FROM pg_opfamily WHERE oid >= 16384 UNION ALL
SELECT 'pg_amop'::regclass::oid, oid FROM pg_amop WHERE oid >= 16384 UNION ALL
SELECT 'pg_amproc'::regclass::oid, oid FROM pg_amproc WHERE oid >= 16384 UNION ALL
SELECT 'pg_am'::regclass::oid, oid FROM pg_am WHERE oid >= 16384 UNION ALL
SELECT 'pg_cast'::regclass::oid, oid FROM pg_cast WHERE oid >= 16384 UNION ALL
SELECT 'pg_collation'::regclass::oid, oid FROM pg_collation WHERE oid >= 16384 UNION ALL
SELECT 'pg_conversion'::regclass::oid, oid FROM pg_conversion WHERE oid >= 16384 UNION ALL
SELECT 'pg_transform'::regclass::oid, oid FROM pg_transform WHERE oid >= 16384 UNION ALL
SELECT 'pg_ts_parser'::regclass::oid, oid FROM pg_ts_parser WHERE oid >= 16384 UNION ALL
SELECT 'pg_ts_template'::regclass::oid, oid FROM pg_ts_template WHERE oid >= 16384 UNION ALL
SELECT 'pg_ts_dict'::regclass::oid, oid FROM pg_ts_dict WHERE oid >= 16384 UNION ALL
SELECT 'pg_ts_config'::regclass::oid, oid FROM pg_ts_config WHERE oid >= 16384 UNION ALL
SELECT 'pg_statistic_ext'::regclass::oid, oid FROM pg_statistic_ext WHERE oid >= 16384 UNION ALL
SELECT 'pg_foreign_data_wrapper'::regclass::oid, oid FROM pg_foreign_data_wrapper WHERE oid >= 16384 UNION ALL
SELECT 'pg_foreign_server'::regclass::oid, oid FROM pg_foreign_server WHERE oid >= 16384 UNION ALL
SELECT 'pg_user_mapping'::regclass::oid, umid FROM pg_user_mappings WHERE umid >= 16384 UNION ALL
SELECT 'pg_event_trigger'::regclass::oid, oid FROM pg_event_trigger WHERE oid >= 16384 UNION ALL
SELECT 'pg_publication'::regclass::oid, oid FROM pg_publication WHERE oid >= 16384 UNION ALL
SELECT 'pg_publication_rel'::regclass::oid, oid FROM pg_publication_rel WHERE oid >= 16384 UNION ALL
SELECT 'pg_publication_namespace'::regclass::oid, oid FROM pg_publication_namespace WHERE oid >= 16384 UNION ALL -- 15+
SELECT 'pg_subscription'::regclass::oid, oid FROM pg_subscription WHERE subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())`

// sweep asks of everything that there is whether it was compared: as an object,
// as a part of one, or as a member of an extension. What is left is noted as
// not examined.
func (b *builder) sweep(all result) []Address {
	var unknown []Address
	members := 0
	for _, row := range all.rows {
		a := Address{Class: parseUint(row[0]), Object: parseUint(row[1])}
		switch examined, member := b.examined(a); {
		case member:
			members++
		case !examined:
			unknown = append(unknown, a)
		}
	}
	if members > 0 {
		b.hide("members of extensions", members)
	}
	return unknown
}

func (b *builder) hide(rule string, n int) {
	if b.snap.Hidden == nil {
		b.snap.Hidden = map[string]int{}
	}
	b.snap.Hidden[rule] += n
}

// examined reports whether an address is an object of ours or internal to one,
// or else whether it belongs to an extension. Going down together with an
// object is not enough.
func (b *builder) examined(a Address) (examined, member bool) {
	for range 8 {
		if b.known[a] {
			return true, false
		}
		switch owner := b.owners[a]; owner.rank {
		case 4:
			return false, true
		case 3, 2:
			a = owner.Address
			a.Sub = 0
		case 1: // what hangs on a member of an extension, such as its index
			_, member := b.examined(Address{owner.Class, owner.Object, 0})
			return false, member
		default:
			return false, false
		}
	}
	return false, false
}

// description is the query that names objects that were not examined.
func description(unknown []Address) string {
	var values []string
	for _, a := range unknown {
		values = append(values, fmt.Sprintf("(%d::oid, %d::oid)", a.Class, a.Object))
	}
	return "SELECT pg_catalog.pg_describe_object(c, o, 0) FROM (VALUES " + strings.Join(values, ", ") + ") v(c, o)"
}

// firstColumn is the first column of a result, sorted.
func firstColumn(r result) []string {
	var out []string
	for _, row := range r.rows {
		out = append(out, string(row[0]))
	}
	slices.Sort(out)
	return out
}
