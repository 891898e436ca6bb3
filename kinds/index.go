package kinds

import (
	"fmt"

	"github.com/tvl-platform/plumb/schema"
)

// indexes are those that no constraint owns. What the server prints begins
// with the words CREATE INDEX and the name; they are cut off by their length,
// so that an index which differs in nothing but its name is seen as renamed.
//
// A partition's index that belongs to an index of the partitioned table comes
// and goes with it, under a name that the server makes of the table's and the
// columns'; only where the wanted name is another one is there something to do.
// The partitioned table's own index cannot change its storage parameters: they
// stay in its definition.
var indexes = &schema.Kind{
	Name: "index",
	Noun: "INDEX",
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, i.oid AS objid, 0 AS objsubid,
       quote_ident(n.nspname) || '.' || quote_ident(i.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(n.nspname) AS schema, quote_ident(i.relname) AS relname,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table,
       i.relkind = 'I' AS partitioned, i.relispartition AND NOT a.sorts AS inherited, i.relispartition AND NOT a.sorts AND ` + attachedApart("i.oid") + ` AS attached,
       CASE WHEN a.sorts THEN (SELECT h.inhparent::regclass FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.oid) END AS goes_with,
       CASE WHEN i.relkind = 'I' THEN (SELECT string_agg(h.inhrelid::regclass::text, E'\n' ORDER BY h.inhrelid::regclass::text) FROM pg_catalog.pg_inherits h
           WHERE h.inhparent = i.oid AND ` + sortsApart("h.inhrelid") + `) END AS unlike,
       CASE WHEN i.relispartition THEN ` + automaticName("i.oid", "i.relname", "'idx'") + ` END AS automatic,
       CASE WHEN i.relkind = 'I' OR i.relispartition THEN ` + indexWords("i.oid") + ` END AS words,
       CASE WHEN i.relispartition THEN ` + newIndexWords("i.oid") + ` END AS new_words, CASE WHEN i.relispartition THEN 'idx ' || c.relname END AS made_of,
       CASE WHEN i.relkind = 'I' THEN (SELECT string_agg(h.inhrelid::regclass::text, E'\n' ORDER BY h.inhrelid::regclass::text) FROM pg_catalog.pg_inherits h
           JOIN pg_catalog.pg_index a ON a.indexrelid = h.inhrelid
           JOIN pg_catalog.pg_constraint k ON k.conrelid = a.indrelid AND k.conindid = h.inhrelid AND k.contype IN ('p', 'u', 'x') AND k.conparentid = 0 WHERE h.inhparent = i.oid) END AS finds,
       ` + takenFor("bk.oid IS NULL") + ` AS taken,
       CASE WHEN i.relkind = 'I' AND NOT i.relispartition THEN ` + numberedBehind("false") + ` END AS numbered_behind,
       CASE WHEN i.relkind = 'I' THEN nullif(concat_ws(E'\n', ` + numberedBehind("true") + `, ` + renamedBefore + `), '') END AS numbered_late,
       x.indisunique AS unique,
       substr(CASE WHEN i.reloptions IS NULL OR i.relkind = 'I' THEN pg_get_indexdef(i.oid) ELSE replace(pg_get_indexdef(i.oid), ` + deparsedOptions("i.reloptions") + `, '') END,
              ` + indexNameEnds + `) AS definition,
       CASE WHEN i.reloptions IS NOT NULL AND i.relkind <> 'I' THEN substr(pg_get_indexdef(i.oid), ` + indexNameEnds + `) END AS definition_with_options,
       CASE WHEN NOT x.indisvalid THEN 'INVALID' END AS validity,
       quote_ident(ts.spcname) AS tablespace,
       CASE WHEN i.reloptions IS NOT NULL AND i.relkind <> 'I' THEN (SELECT string_agg(o, E'\n' ORDER BY o) FROM unnest(i.reloptions) o) END AS options,
       CASE WHEN x.indexprs IS NOT NULL THEN (SELECT string_agg(a.attnum || '=' || a.attstattarget, E'\n' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget >= 0) END AS statistics,
       EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.oid AND d.deptype = 'x') AS on_extension
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = i.reltablespace
CROSS JOIN LATERAL (SELECT i.relispartition AND ` + sortsApart("i.oid") + ` AS sorts) a
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))`,
	Attrs: []schema.Attr{
		{Name: "schema", Fact: true},
		{Name: "relname", Fact: true},
		{Name: "table", Fact: true},
		{Name: "partitioned", Fact: true},
		{Name: "inherited", Fact: true},
		{Name: "attached", Fact: true},  // to one that did not bring it
		{Name: "goes_with", Fact: true}, // what it is attached to though that sorts otherwise
		{Name: "unlike", Fact: true},    // partitions' indexes that do so
		{Name: "automatic", Fact: true}, // what the server would call a partition's
		{Name: "words", Fact: true},     // see indexWords
		{Name: "new_words", Fact: true},
		{Name: "made_of", Fact: true},
		{Name: "finds", Fact: true},           // partitions' constraints whose indexes it has attached
		{Name: "taken", Fact: true},           // for which of the indexes that the partition is brought
		{Name: "numbered_behind", Fact: true}, // see numberedBehind
		{Name: "numbered_late", Fact: true},
		{Name: "unique"},
		{Name: "definition", Printed: true, Follows: true},
		{Name: "definition_with_options", Fact: true, Printed: true}, // which an index is built with: what is set later holds for what is added later
		{Name: "validity"},
		{Name: "tablespace", Alter: func(_, new *schema.Object) []string {
			return list("ALTER INDEX %s SET TABLESPACE %s", new.ID.Name, or(new.Get("tablespace"), "pg_default"))
		}},
		{Name: "options", Alter: alterOptions("ALTER INDEX", "options")},
		{Name: "statistics", Alter: alterIndexStatistics},
		{Name: "on_extension", Fact: true}, // it depends on one that it is no member of
	},
	Forgets: func(o *schema.Object) bool {
		return o.Has("statistics") || o.Is("on_extension") || o.Has("numbered_behind") || o.Has("unlike")
	},
	Relies: func(o *schema.Object, _ *schema.Snapshot) (needs, with []schema.ID) {
		if of := o.Get("goes_with"); of != "" {
			with = []schema.ID{{Kind: o.ID.Kind, Name: of}}
		}
		return nil, with
	},
	Mirror: func(o *schema.Object) schema.Mirror {
		switch {
		case o.Is("attached"):
			return schema.Attached
		case o.Is("inherited"):
			return schema.Brought
		}
		return schema.Own
	},
	// A new partition would get what one of ONLY the parent does not bring, and
	// what is there already is found; and it would number what it gets at once.
	Late: func(part, _ *schema.Object) bool {
		return part.Has("finds") || part.Has("unlike") || part.Is("partitioned") && part.Has("validity") || part.Has("numbered_late")
	},
	After: func(o *schema.Object) []schema.ID {
		var out []schema.ID
		for _, attr := range []string{"finds", "unlike", "numbered_behind", "numbered_late"} {
			for _, index := range lines(o.Get(attr)) {
				out = append(out, schema.ID{Kind: o.ID.Kind, Name: index}, schema.ID{Kind: constraintIndexes.Name, Name: index})
			}
		}
		return out
	},
	Taken:  takenForBrought,
	Create: func(b schema.Built) []string { return createIndex(b, "") },
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER INDEX %s RENAME TO %s", old.ID.Name, new.Get("relname"))
	},
	CreateOnline: func(o *schema.Object) []string {
		if o.Is("partitioned") {
			return nil
		}
		return createIndex(schema.Built{Object: o}, "CONCURRENTLY ")
	},
	DropOnline: func(o *schema.Object) []string {
		if o.Is("partitioned") || o.Is("inherited") {
			return nil
		}
		return list("DROP INDEX CONCURRENTLY %s", o.ID.Name)
	},
	Names: relationName,
}

// indexNameEnds is SQL for where, in what the server prints of an index, its
// definition begins: behind its name.
const indexNameEnds = `length('CREATE INDEX ' || CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END || quote_ident(i.relname) || ' ON ' || CASE WHEN i.relkind = 'I' THEN 'ONLY ' ELSE '' END) + 1`

// numberedBehind is SQL for those that come before the index i because its own
// indexes of partitions have a number as their names, or a higher one: others
// have the names without, where less is cut off. Those are the indexes, late or not, whose partitions'
// get them as they are made; what must be there late is indexes of partitions
// that are their own, or have been renamed, since one of the names is free now.
func numberedBehind(late string) string {
	return `(SELECT string_agg(DISTINCT CASE WHEN o.late THEN b.oid ELSE pg_partition_root(b.oid) END::regclass::text, E'\n')
           FROM pg_partition_tree(pg_partition_root(i.oid)) t
           JOIN pg_catalog.pg_class m ON m.oid = t.relid AND m.relname ~ '[0-9]$'
           CROSS JOIN LATERAL regexp_match(m.relname::text, '^(.*_idx)([1-9][0-9]?)$') p
           JOIN pg_catalog.pg_index mx ON mx.indexrelid = m.oid JOIN pg_catalog.pg_class c ON c.oid = mx.indrelid
           CROSS JOIN LATERAL (SELECT ` + indexWords("m.oid") + ` AS columns) n
           CROSS JOIN LATERAL (SELECT array_agg(CASE WHEN octet_length(m.relname) < 63 THEN p[1] || l.number ELSE ` + madeName("('idx' || l.number)") + ` END) AS names
             FROM (SELECT coalesce(nullif(g, 0)::text, '') AS number FROM generate_series(0, p[2]::int - 1) g) l) g
           CROSS JOIN LATERAL (SELECT count(*) < cardinality(g.names) AS free FROM pg_catalog.pg_class a WHERE a.relnamespace = m.relnamespace AND a.relname = ANY (g.names)) f
           JOIN pg_catalog.pg_class b ON b.relnamespace = m.relnamespace AND b.relkind IN ('i', 'I') AND b.relname = ANY (g.names)
           CROSS JOIN LATERAL (SELECT f.free OR NOT b.relispartition AS late) o
           WHERE o.late = ` + late + ` AND pg_partition_root(b.oid) IS DISTINCT FROM pg_partition_root(i.oid))`
}

// renamedBefore is SQL for the indexes of partitions that have another name than
// the server's, where that is also the name of one that the index i brings: they
// have given it up before that comes. Of two with other names one comes first.
var renamedBefore = `(SELECT string_agg(DISTINCT b.indexrelid::regclass::text, E'\n')
           FROM pg_partition_tree(pg_partition_root(i.oid)) t
           JOIN pg_catalog.pg_index m ON m.indexrelid = t.relid
           JOIN pg_catalog.pg_class c ON c.oid = m.indrelid
           JOIN pg_catalog.pg_class mi ON mi.oid = m.indexrelid
           JOIN pg_catalog.pg_index b ON b.indrelid = m.indrelid AND b.indnatts = m.indnatts AND b.indexrelid <> m.indexrelid
           JOIN pg_catalog.pg_class bi ON bi.oid = b.indexrelid AND bi.relispartition
           CROSS JOIN LATERAL (SELECT ` + indexWords("m.indexrelid") + ` AS words) n
           WHERE ` + indexWords("b.indexrelid") + ` = n.words AND ` + ownIndexName("bi.relname") + ` AND (NOT ` + ownIndexName("mi.relname") + ` OR pg_partition_root(b.indexrelid) < pg_partition_root(i.oid))
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = b.indexrelid AND k.contype IN ('p', 'u', 'x')))`

// ownIndexName is SQL for whether an index of the table c and the words n has another
// name than the server's; of one that may be cut off the end must do.
func ownIndexName(name string) string {
	return `(` + name + ` !~ '_idx[0-9]*$' OR octet_length(` + name + `) < 63 AND NOT starts_with(` + name + `, c.relname || '_' || n.words || '_idx'))`
}

func createIndex(b schema.Built, how string) []string {
	out := indexStatement(b, how)
	if t := b.Get("tablespace"); t != "" {
		out = append(out, fmt.Sprintf("ALTER INDEX %s SET TABLESPACE %s", b.ID.Name, t))
	}
	if opts := b.Get("options"); opts != "" && b.Is("inherited") && b.Tied {
		out = append(out, fmt.Sprintf("ALTER INDEX %s SET (%s)", b.ID.Name, options(opts)))
	}
	return append(out, alterIndexStatistics(&schema.Object{}, b.Object)...)
}

func indexStatement(b schema.Built, how string) []string {
	if b.Is("inherited") && b.Tied {
		if a := automatic(b); a != b.Get("relname") {
			return list("ALTER INDEX %s.%s RENAME TO %s", b.Get("schema"), a, b.Get("relname"))
		}
		return nil
	}
	unique := ""
	if b.Is("unique") {
		unique = "UNIQUE "
	}
	only := ""
	if b.Is("partitioned") && b.Has("validity") { // the partitions have none
		only = "ONLY "
	}
	return list("CREATE %sINDEX %s%s ON %s%s", unique, how, b.Get("relname"), only, or(b.Get("definition_with_options"), b.Get("definition")))
}

// relationName is the name that a relation takes beside other relations.
func relationName(o *schema.Object) []string { return []string{"relation " + o.ID.Name} }

// rowName is the names that a relation with a row type takes.
func rowName(o *schema.Object) []string { return append(typeName(o), relationName(o)...) }

// alterIndexStatistics sets the statistics targets of an expression index.
func alterIndexStatistics(old, new *schema.Object) []string {
	out := []string{}
	set, reset := optionPairs(old.Get("statistics"), new.Get("statistics"))
	for _, p := range set {
		out = append(out, fmt.Sprintf("ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s", new.ID.Name, p[0], p[1]))
	}
	for _, n := range reset {
		out = append(out, fmt.Sprintf("ALTER INDEX %s ALTER COLUMN %s SET STATISTICS -1", new.ID.Name, n))
	}
	return out
}
