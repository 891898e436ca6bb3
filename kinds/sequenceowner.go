package kinds

import "github.com/tvl-platform/plumb/schema"

// sequenceOwners are OWNED BY clauses: the sequence exists before the column
// whose default it feeds, so what ties it to the column is an object of its
// own. Taking it away sets the sequence free.
var sequenceOwners = &schema.Kind{
	Name:    "sequence owner",
	Follows: true,
	Query: `
SELECT 'pg_catalog.pg_class'::regclass::oid AS classid, c.oid AS objid, -1 AS objsubid,
       'of ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
       'pg_catalog.pg_class'::regclass::oid AS pclassid, c.oid AS pobjid, 0 AS pobjsubid, 0 AS ord,
       quote_ident(tn.nspname) || '.' || quote_ident(t.relname) || '.' || quote_ident(a.attname) AS owned_by,
       CASE t.relkind WHEN 'f' THEN 'foreign table ' ELSE 'table ' END || quote_ident(tn.nspname) || '.' || quote_ident(t.relname) AS table,
       CASE WHEN t.relowner = (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database()) THEN 'CURRENT_USER'
            ELSE quote_ident(pg_get_userbyid(t.relowner)) END AS table_owner
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S' AND c.relpersistence <> 't'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype = 'a'`,
	Attrs: []schema.Attr{
		{Name: "owned_by", Alter: func(old, new *schema.Object) []string {
			if old.Get("table_owner") == new.Get("table_owner") {
				return ownedBy(new, new.Get("owned_by"))
			}
			return append(append(ownedBy(old, "NONE"), sequenceOwnerTo(new, new.Get("table_owner"))...), ownedBy(new, new.Get("owned_by"))...)
		}},
		{Name: "table", Fact: true},
		{Name: "table_owner", Fact: true},
	},
	Depends: `
SELECT d.classid, d.objid, -1, d.refclassid, d.refobjid, d.refobjsubid, 'n'
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype = 'a'`,
	// The sequence takes the owner that its table has by then, and cannot be
	// given another while it belongs to a column.
	After: func(o *schema.Object) []schema.ID {
		return []schema.ID{{Kind: "owner", Name: "on " + o.Get("table")}, {Kind: "owner", Name: "on " + o.Parent.String()}}
	},
	Create: func(b schema.Built) []string {
		if b.Get("table_owner") == "CURRENT_USER" {
			return ownedBy(b.Object, b.Get("owned_by"))
		}
		return append(sequenceOwnerTo(b.Object, b.Get("table_owner")), ownedBy(b.Object, b.Get("owned_by"))...)
	},
	Drop: func(o *schema.Object) []string {
		if o.Get("table_owner") == "CURRENT_USER" {
			return ownedBy(o, "NONE")
		}
		return append(ownedBy(o, "NONE"), sequenceOwnerTo(o, "CURRENT_USER")...)
	},
}

func ownedBy(o *schema.Object, column string) []string {
	return list("ALTER SEQUENCE %s OWNED BY %s", o.Parent.Name, column)
}

// sequenceOwnerTo gives the sequence an owner of its own: that of the table,
// without whom it cannot belong to a column of it.
func sequenceOwnerTo(o *schema.Object, owner string) []string {
	return list("ALTER SEQUENCE %s OWNER TO %s", o.Parent.Name, owner)
}
