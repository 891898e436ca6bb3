package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// attachedIndexes are the ties between a partitioned table's index and those of
// its partitions that it did not bring: it was made with ONLY, which leaves it
// invalid, and they were attached; or it found one behind a constraint that is
// the partition's own. Such an index is an object like any other. Nothing
// detaches it but detaching the partition.
var attachedIndexes = &schema.Kind{
	Name: "attached index",
	Query: `
SELECT 'pg_catalog.pg_inherits'::regclass::oid AS classid, i.oid AS objid, 0 AS objsubid,
       i.oid::regclass || ' of ' || h.inhparent::regclass AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, i.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       i.oid::regclass AS index, h.inhparent::regclass AS of,
       EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x')) AS constraint,
       NOT x.indisvalid AS by_hand
FROM pg_catalog.pg_inherits h
JOIN pg_catalog.pg_class i ON i.oid = h.inhrelid
JOIN pg_catalog.pg_index x ON x.indexrelid = h.inhparent
WHERE i.relkind IN ('i', 'I') AND i.relpersistence <> 't' AND ` + attachedApart("h.inhrelid"),
	// A constraint keeps what its index is attached to from being dropped, but
	// does not go with it.
	Depends: `
SELECT 'pg_catalog.pg_inherits'::regclass::oid, h.inhrelid, 0,
       CASE WHEN k.oid IS NULL THEN 'pg_catalog.pg_class' ELSE 'pg_catalog.pg_constraint' END::regclass::oid, coalesce(k.oid, h.inhparent), 0, 'P'
FROM pg_catalog.pg_inherits h
JOIN pg_catalog.pg_index x ON x.indexrelid = h.inhparent
LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = h.inhparent AND k.contype IN ('p', 'u', 'x')
WHERE ` + attachedApart("h.inhrelid") + `
UNION ALL
SELECT 'pg_catalog.pg_class'::regclass::oid, h.inhrelid, 0, 'pg_catalog.pg_class'::regclass::oid, h.inhparent, 0, '-'
FROM pg_catalog.pg_inherits h
JOIN pg_catalog.pg_constraint k ON k.conindid = h.inhrelid AND k.contype IN ('p', 'u', 'x')
WHERE ` + attachedApart("h.inhrelid") + `
UNION ALL
SELECT 'pg_catalog.pg_class'::regclass::oid, h.inhrelid, 0, 'pg_catalog.pg_class'::regclass::oid, h.inhparent, 0, '-'
FROM pg_catalog.pg_inherits h
WHERE ` + sortsApart("h.inhrelid") + `
UNION ALL
SELECT 'pg_catalog.pg_constraint'::regclass::oid, k.oid, 0, 'pg_catalog.pg_constraint'::regclass::oid, k.conparentid, 0, '-'
FROM pg_catalog.pg_constraint k
WHERE k.conparentid <> 0 AND k.contype IN ('p', 'u', 'x') AND ` + attachedApart("k.conindid"),
	Follows: true,
	Mirror:  func(*schema.Object) schema.Mirror { return schema.Brought }, // as a new tie attaches what there is
	Late:    func(_, _ *schema.Object) bool { return true },               // no tie passes one on
	Sticks:  func(o *schema.Object) bool { return o.Is("constraint") },
	Attrs: []schema.Attr{
		{Name: "index", Fact: true},
		{Name: "of", Fact: true},
		{Name: "constraint", Fact: true}, // the index is behind one
		{Name: "by_hand", Fact: true},    // else CREATE INDEX, or ATTACH PARTITION, finds it
	},
	Create: func(b schema.Built) []string {
		if !b.Is("by_hand") {
			return nil
		}
		return list("ALTER INDEX %s ATTACH PARTITION %s", b.Get("of"), b.Get("index"))
	},
	Drop: func(*schema.Object) []string { return nil },
}

// attachedApart is SQL for whether an index of a partition is attached to one
// that would not bring it. The list is made once, and is short.
func attachedApart(index string) string {
	return index + ` IN (SELECT ah.inhrelid FROM pg_catalog.pg_inherits ah JOIN pg_catalog.pg_index ax ON ax.indexrelid = ah.inhparent
           LEFT JOIN pg_catalog.pg_constraint ak ON ak.conindid = ah.inhrelid AND ak.contype IN ('p', 'u', 'x') AND ak.conparentid = 0
           JOIN pg_catalog.pg_index ac ON ac.indexrelid = ah.inhrelid
           WHERE NOT ax.indisvalid OR ak.oid IS NOT NULL OR ` + unlikeParent + `)`
}

// sortsApart is SQL for whether an index of a partition is attached to one that
// sorts otherwise, or has storage parameters that it cannot get later, which it
// was there before. It goes with that.
func sortsApart(index string) string {
	return index + ` IN (SELECT ah.inhrelid FROM pg_catalog.pg_inherits ah JOIN pg_catalog.pg_index ax ON ax.indexrelid = ah.inhparent AND ax.indisvalid
           JOIN pg_catalog.pg_index ac ON ac.indexrelid = ah.inhrelid WHERE ` + unlikeParent + `
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint ak WHERE ak.conindid = ah.inhrelid AND ak.contype IN ('p', 'u', 'x')))`
}

// unlikeParent is SQL for whether an index ac is not what the one that it is
// attached to, ax, would bring: a partitioned one cannot change its parameters.
const unlikeParent = `(ac.indoption <> ax.indoption OR EXISTS (SELECT FROM pg_catalog.pg_class ci JOIN pg_catalog.pg_class pi ON pi.oid = ax.indexrelid
             WHERE ci.oid = ac.indexrelid AND ci.relkind = 'I' AND ci.reloptions IS DISTINCT FROM pi.reloptions))`

// takenFor is SQL for what the index x (i in pg_class) of a table c would be
// taken for, were it there when c becomes a partition or c's parent gets an
// index: for an equal one that c is brought then, by the rules of
// CompareIndexInfo. An index is not taken for a constraint.
func takenFor(constraint string) string {
	return `CASE WHEN c.relispartition AND NOT i.relispartition AND NOT x.indisexclusion THEN (
           SELECT string_agg(coalesce('constraint ' || quote_ident(bk.conname) || ' on ' || bk.conrelid::regclass, 'index ' || b.indexrelid::regclass), E'\n' ORDER BY b.indexrelid::regclass::text)
           FROM pg_catalog.pg_index b
           JOIN pg_catalog.pg_class bi ON bi.oid = b.indexrelid AND bi.relispartition AND bi.relam = i.relam
           LEFT JOIN pg_catalog.pg_constraint bk ON bk.conrelid = b.indrelid AND bk.conindid = b.indexrelid AND bk.contype IN ('p', 'u')
           WHERE b.indrelid = x.indrelid AND ` + constraint + ` AND b.indisunique = x.indisunique AND NOT b.indisexclusion
             AND b.indnullsnotdistinct = x.indnullsnotdistinct -- 15+
             AND b.indnkeyatts = x.indnkeyatts AND b.indkey = x.indkey AND b.indclass = x.indclass AND b.indcollation = x.indcollation
             AND pg_get_expr(b.indexprs, b.indrelid) IS NOT DISTINCT FROM pg_get_expr(x.indexprs, x.indrelid)
             AND pg_get_expr(b.indpred, b.indrelid) IS NOT DISTINCT FROM pg_get_expr(x.indpred, x.indrelid)) END`
}

// takenForBrought is a Taken.
func takenForBrought(o *schema.Object) []schema.ID {
	var out []schema.ID
	for _, line := range lines(o.Get("taken")) {
		kind, name, _ := strings.Cut(line, " ")
		out = append(out, schema.ID{Kind: kind, Name: name})
	}
	return out
}
