package kinds

import (
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// constraints are those of tables, NOT NULL aside: primary key, unique,
// foreign key, check, exclusion. One that a partition or an inheritance child
// has from its parent follows the parent's; only its name may be its own, where
// the server makes one up. A check is left behind, and no longer inherited, where
// its parent's went down with a column. Whether a constraint is deferrable,
// enforced and validated stands at the end of what the server prints and is
// taken off there, so that each can be changed in place.
var constraints = &schema.Kind{
	Name: "constraint",
	Noun: "CONSTRAINT",
	Query: `
SELECT 'pg_catalog.pg_constraint'::regclass::oid AS classid, k.oid AS objid, 0 AS objsubid,
       quote_ident(k.conname) || ' on ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid,
       CASE k.contype WHEN 'p' THEN 1 WHEN 'u' THEN 2 WHEN 'f' THEN 3 ELSE 4 END AS ord,
       quote_ident(k.conname) AS constraint,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table,
       CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS relation,
       CASE WHEN k.contype IN ('p', 'u', 'x') THEN quote_ident(n.nspname) || '.' || quote_ident(k.conname) END AS index,
       k.contype AS type, c.reloftype <> 0 AS typed,
       (k.coninhcount > 0 OR k.conparentid <> 0) AND NOT (k.contype IN ('p', 'u', 'x') AND ` + attachedApart("k.conindid") + `)
         AND (k.contype <> 'c' OR EXISTS (SELECT FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_constraint p ON p.conrelid = h.inhparent AND p.contype = 'c' AND p.conname = k.conname
           WHERE h.inhrelid = k.conrelid)) AS inherited,
       k.conislocal AND k.conparentid = 0 AS local,
       CASE WHEN k.coninhcount > 0 AND k.contype = 'c' THEN EXISTS (SELECT FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_constraint p
           ON p.conrelid = h.inhparent AND p.contype = 'c' AND p.conname = k.conname AND NOT p.convalidated
           AND p.conenforced -- 18+
           WHERE h.inhrelid = k.conrelid) END AS loose,
       NULL AS stricter, -- <18
       CASE WHEN k.coninhcount > 0 AND k.contype = 'c' AND k.conenforced THEN EXISTS (SELECT FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_constraint p -- 18+
           ON p.conrelid = h.inhparent AND p.contype = 'c' AND p.conname = k.conname AND NOT p.conenforced WHERE h.inhrelid = k.conrelid) END AS stricter, -- 18+
       CASE WHEN k.conparentid <> 0 AND k.contype IN ('p', 'u', 'x') THEN ` + automaticName("k.conindid", "k.conname", keyLabel) + `
            WHEN k.conparentid <> 0 THEN (WITH RECURSIVE up AS (SELECT p.conparentid, p.conname FROM pg_catalog.pg_constraint p WHERE p.oid = k.conparentid
                 UNION ALL SELECT p.conparentid, p.conname FROM pg_catalog.pg_constraint p JOIN up ON p.oid = up.conparentid) SELECT ` + unlessTaken("up.conname") + ` FROM up WHERE up.conparentid = 0) END AS automatic,
       CASE WHEN k.conparentid <> 0 AND k.contype = 'f' THEN (SELECT ` + unlessTaken("p.conname") + ` FROM pg_catalog.pg_constraint p WHERE p.oid = k.conparentid) END AS cloned,
       CASE WHEN k.contype IN ('u', 'x') AND (c.relkind = 'p' OR c.relispartition) THEN ` + indexWords("k.conindid") + ` END AS words,
       CASE WHEN k.conparentid <> 0 AND k.contype IN ('u', 'x') THEN ` + newIndexWords("k.conindid") + ` END AS new_words,
       CASE WHEN k.conparentid <> 0 AND k.contype IN ('u', 'x') THEN ` + keyLabel + ` || ' ' || c.relname END AS made_of,
       CASE WHEN k.contype IN ('p', 'u', 'f') AND array_length(k.conkey, 1) = 1 AND k.conname = c.relname || CASE k.contype WHEN 'p' THEN '_pkey' ELSE
           '_' || f.attname || CASE k.contype WHEN 'u' THEN '_key' ELSE '_fkey' END END THEN quote_ident(f.attname) END AS sole_column,
       CASE WHEN k.contype IN ('p', 'u') THEN (SELECT ` + takenFor("(bk.contype = k.contype OR bk.oid IS NULL)") + ` FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid WHERE x.indexrelid = k.conindid) END AS taken,
       CASE WHEN k.contype IN ('p', 'u', 'x') AND c.relkind = 'p' THEN (SELECT NOT x.indisvalid FROM pg_catalog.pg_index x WHERE x.indexrelid = k.conindid) END AS only,
       CASE WHEN k.contype IN ('u', 'x') THEN EXISTS (SELECT FROM pg_catalog.pg_constraint t
           WHERE t.conrelid = k.conrelid AND t.conkey = k.conkey AND t.contype IN ('p', 'u', 'x') AND t.oid <> k.oid AND (t.contype = 'p' OR t.conname < k.conname)) END AS twin,
       CASE WHEN k.condeferrable OR NOT k.convalidated OR i.reloptions IS NOT NULL
            THEN regexp_replace(replace(pg_get_constraintdef(k.oid), ` + deparsedOptions("i.reloptions") + `, ''), '( DEFERRABLE)?( INITIALLY DEFERRED)?( NOT ENFORCED| NOT VALID)?$', '')
            ELSE pg_get_constraintdef(k.oid) END || CASE WHEN i.relkind = 'I' THEN ` + deparsedOptions("i.reloptions") + ` ELSE '' END AS definition,
       CASE WHEN k.condeferrable THEN CASE WHEN k.condeferred THEN 'DEFERRABLE INITIALLY DEFERRED' ELSE 'DEFERRABLE' END END AS deferral,
       CASE WHEN NOT k.conenforced THEN 'NOT ENFORCED' WHEN NOT k.convalidated THEN 'NOT VALID' END AS validity -- 18+
       CASE WHEN NOT k.convalidated THEN 'NOT VALID' END AS validity -- <18
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class i ON i.oid = k.conindid AND (k.contype = 'x' AND c.relkind <> 'p' OR k.contype IN ('p', 'u') AND c.relkind = 'p')
LEFT JOIN pg_catalog.pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = k.conkey[1]
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND c.relpersistence <> 't'
  AND (k.conparentid = 0 OR k.contype <> 'f' OR k.confrelid NOT IN (SELECT i.inhrelid FROM pg_catalog.pg_inherits i))`,
	Called: map[string]func(*schema.Object) bool{
		"primary_key": hasType("p"),
		"unique":      hasType("u"),
		"foreign_key": hasType("f"),
		"check":       hasType("c"),
		"exclude":     hasType("x"),
	},
	// An inherited constraint follows its parent's; of keys pg_depend knows.
	Depends: `
SELECT 'pg_catalog.pg_constraint'::regclass::oid, k.oid, 0, 'pg_catalog.pg_constraint'::regclass::oid, p.oid, 0, 'n'
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_constraint k ON k.conrelid = i.inhrelid AND k.contype = 'c' AND k.coninhcount > 0
JOIN pg_catalog.pg_constraint p ON p.conrelid = i.inhparent AND p.contype = 'c' AND p.conname = k.conname`,
	Mirror: func(o *schema.Object) schema.Mirror {
		switch {
		case !o.Is("inherited"):
			return schema.Own
		case o.Get("type") == "c":
			return schema.Demanded
		}
		return schema.Brought
	},
	Apart:   apart,
	Forgets: func(*schema.Object) bool { return false },
	Attrs: []schema.Attr{
		{Name: "constraint", Fact: true},
		{Name: "table", Fact: true},
		{Name: "relation", Fact: true},
		{Name: "index", Fact: true},
		{Name: "type"},
		{Name: "typed", Fact: true}, // its table is of a type
		{Name: "inherited", Fact: true},
		{Name: "local", Fact: true},
		{Name: "loose", Fact: true},     // it is that of a parent which is not valid
		{Name: "stricter", Fact: true},  // it is enforced, and that of a parent is not
		{Name: "automatic", Fact: true}, // what the server would call a partition's; a foreign key as that of the outermost table, if that is no question
		{Name: "cloned", Fact: true},    // what it would call a new partition's foreign key: as its parent's
		{Name: "words", Fact: true},     // see indexWords
		{Name: "new_words", Fact: true},
		{Name: "made_of", Fact: true},
		{Name: "sole_column", Fact: true},
		{Name: "taken", Fact: true}, // for which of the keys and indexes that the partition is brought
		{Name: "twin", Fact: true},  // another key has the same columns: CREATE TABLE would make only one of them
		{Name: "only"},              // not all partitions have it
		{Name: "definition", Printed: true, Follows: true, Alter: func(old, new *schema.Object) []string {
			if old.Is("inherited") && new.Is("inherited") {
				return []string{} // the parent's change does it
			}
			return nil
		}},
		{Name: "deferral", Alter: func(old, new *schema.Object) []string {
			if old.Is("inherited") && new.Is("inherited") {
				return []string{}
			}
			if new.Get("type") != "f" {
				return nil
			}
			return list("ALTER TABLE %s ALTER CONSTRAINT %s %s", new.Get("table"), new.Get("constraint"), or(new.Get("deferral"), "NOT DEFERRABLE"))
		}},
		{Name: "validity", Alter: alterValidity, Unties: relaxes},
	},
	Stays:  func(o *schema.Object) bool { return o.Is("inherited") && o.Is("local") },
	Leads:  func(o *schema.Object) bool { return o.Is("local") || o.Is("stricter") },
	Inside: []string{"table", "foreign table"},
	CanInside: func(o *schema.Object) bool {
		return o.Get("validity") != "NOT VALID" && !o.Is("twin") && !o.Is("only") && (o.Is("local") || !o.Is("inherited") || o.Is("stricter"))
	},
	// A new partition's copy of a check that is not valid is valid at once, and
	// it gets what one of ONLY the parent does not bring.
	Late: func(part, mirror *schema.Object) bool {
		return part.Is("only") || mirror != nil && mirror.Get("validity") == "NOT VALID"
	},
	Taken: takenForBrought,
	Create: func(b schema.Built) []string {
		if b.Is("inherited") && b.Tied && !b.Is("stricter") {
			if a := automatic(b); a != "" && a != b.Get("constraint") {
				return list("ALTER TABLE %s RENAME CONSTRAINT %s TO %s", b.Get("table"), a, b.Get("constraint"))
			}
			switch {
			case b.Is("loose") && !b.Has("validity"):
				return validate(b.Object)
			case !b.Is("local"):
				return nil
			}
		}
		return addConstraint(b.Object) // which is merged with an inherited check
	},
	Adopt: adoptIndex,
	Drop: func(o *schema.Object) []string {
		return list("ALTER %s %s DROP CONSTRAINT %s", o.Get("relation"), o.Get("table"), o.Get("constraint"))
	},
	Names: func(o *schema.Object) []string {
		var out []string
		if !o.Is("inherited") {
			out = list("constraint %s on %s", o.Get("constraint"), o.Get("table"))
		}
		if o.Has("index") {
			out = append(out, "relation "+o.Get("index"))
		}
		if o.Get("type") == "p" {
			out = append(out, "primary key of "+o.Get("table"))
		}
		return out
	},
	Rename: func(old, new *schema.Object) []string {
		if old.Is("inherited") && new.Is("inherited") && new.Get("type") == "c" {
			return []string{} // the parent's renaming does it
		}
		if old.Is("typed") { // of a typed table the server renames indexes only
			if !old.Has("index") {
				return nil
			}
			return list("ALTER INDEX %s RENAME TO %s", old.Get("index"), new.Get("constraint"))
		}
		return list("ALTER TABLE %s RENAME CONSTRAINT %s TO %s", new.Get("table"), old.Get("constraint"), new.Get("constraint"))
	},
}

// unlessTaken is SQL for a name, if another constraint of the table of k has not got it.
func unlessTaken(name string) string {
	return `CASE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_constraint t WHERE t.conrelid = k.conrelid AND t.conname = ` + name + ` AND t.oid <> k.oid) THEN quote_ident(` + name + `) END`
}

// keyLabel is SQL for the end of the names that the server gives to keys.
const keyLabel = `CASE WHEN k.contype = 'p' THEN 'pkey' WHEN (SELECT x.indisexclusion FROM pg_catalog.pg_index x WHERE x.indexrelid = k.conindid) THEN 'excl' ELSE 'key' END`

func addConstraint(o *schema.Object) []string {
	only := ""
	if o.Is("only") {
		only = "ONLY "
	}
	return list("ALTER %s %s%s ADD CONSTRAINT %s %s", o.Get("relation"), only, o.Get("table"), o.Get("constraint"), constraintText(o))
}

// adoptIndex makes a key of a unique index over the same columns, which takes
// the constraint's name. The server wants one like that which the key would get.
func adoptIndex(old, new *schema.Object) []string {
	words, rest, _ := strings.Cut(new.Get("definition"), " (")
	rest = "(" + rest
	words, same := strings.CutSuffix(words, " NULLS NOT DISTINCT")
	if same {
		rest += " NULLS NOT DISTINCT"
	}
	if !old.Is("unique") || old.Is("partitioned") || old.Is("inherited") || old.Has("validity") || old.Has("tablespace") || old.Has("options") ||
		old.Get("definition") != new.Get("table")+" USING btree "+rest {
		return nil
	}
	words += " USING INDEX " + old.Get("relname")
	if d := new.Get("deferral"); d != "" {
		words += " " + d
	}
	return list("ALTER TABLE %s ADD CONSTRAINT %s %s", new.Get("table"), new.Get("constraint"), words)
}

// constraintText is a constraint's definition with everything behind it.
func constraintText(o *schema.Object) string {
	text := o.Get("definition")
	for _, attr := range []string{"deferral", "validity"} {
		if v := o.Get(attr); v != "" {
			text += " " + v
		}
	}
	return text
}

// columnConstraint writes a constraint as people do behind its column, where it
// has one column and the name that the server would give it; else "".
func columnConstraint(o *schema.Object) string {
	rest, ok := strings.CutSuffix(o.Get("definition"), "("+o.Get("sole_column")+")")
	if o.Get("type") == "f" {
		rest, ok = strings.CutPrefix(o.Get("definition"), "FOREIGN KEY ("+o.Get("sole_column")+") ")
	}
	if !ok || !o.Has("sole_column") || o.Has("deferral") || o.Has("validity") {
		return ""
	}
	return strings.TrimSpace(rest)
}

// behind lists what stands behind a column of a new table, of one type.
func behind(column, host schema.Built, constraintType string) []string {
	var out []string
	for _, p := range host.Parts {
		if p.ID.Kind == "constraint" && p.Get("type") == constraintType && p.Get("sole_column") == column.Get("column") && !mirrored(column) {
			if text := columnConstraint(p.Object); text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

func validate(o *schema.Object) []string {
	return list("ALTER TABLE %s VALIDATE CONSTRAINT %s", o.Get("table"), o.Get("constraint"))
}

// alterValidity validates in place; a foreign key can also change whether it
// is enforced (PostgreSQL 18), and a child can enforce a check that its parent
// does not: the new one is merged with the inherited.
func alterValidity(old, new *schema.Object) []string {
	was, is := old.Get("validity"), new.Get("validity")
	switch {
	case relaxes(old, new):
		return append(list("ALTER %s %s DROP CONSTRAINT %s", old.Get("relation"), old.Get("table"), old.Get("constraint")), addConstraint(new)...)
	case old.Is("inherited") && new.Is("stricter") && was == "NOT ENFORCED":
		return addConstraint(new)
	case old.Is("inherited") && new.Is("inherited") && !new.Is("loose"):
		return []string{}
	case was == "NOT VALID" && is == "":
		return validate(new)
	case new.Get("type") == "f" && is == "NOT ENFORCED":
		return list("ALTER TABLE %s ALTER CONSTRAINT %s NOT ENFORCED", new.Get("table"), new.Get("constraint"))
	case new.Get("type") == "f" && was == "NOT ENFORCED" && is == "":
		return list("ALTER TABLE %s ALTER CONSTRAINT %s ENFORCED", new.Get("table"), new.Get("constraint"))
	}
	return nil
}

// relaxes reports whether a child is to enforce a check no more, as its parent:
// it has no statement for that.
func relaxes(old, new *schema.Object) bool {
	return old.Is("stricter") && new.Is("inherited") && new.Get("validity") == "NOT ENFORCED"
}

func hasType(contype string) func(*schema.Object) bool {
	return func(o *schema.Object) bool { return o.Get("type") == contype }
}
