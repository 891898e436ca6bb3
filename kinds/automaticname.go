package kinds

import "strings"

// automaticName is SQL for the name that the server gives to what a partition c
// has because its parent has it: the names of the table and of the columns of an
// index, the longer one cut, between letters, until all fits into 63 bytes with
// the label behind, and a number where the name was taken. What has a number (of
// two digits at most) as its name would get it again if all names before that
// are still taken. A primary key's name has no columns.
func automaticName(index, name, label string) string {
	return strings.NewReplacer(
		"INDEX", index, "NAME", name,
		"BASE", label,
		"MADE", madeName("l.label"),
	).Replace(strings.ReplaceAll(`(SELECT quote_ident(m.name)
        FROM (SELECT CASE WHEN BASE <> 'pkey' THEN (SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = INDEX) END AS columns,
                     substring(NAME::text FROM BASE || '([1-9][0-9]?)$')::int AS number) n
        CROSS JOIN unnest(ARRAY[BASE || n.number, BASE], ARRAY[true, false]) l(label, numbered)
        CROSS JOIN LATERAL (SELECT MADE AS name) m
        WHERE NOT l.numbered OR CASE WHEN m.name = NAME THEN (SELECT bool_and(EXISTS (SELECT FROM pg_catalog.pg_class b WHERE b.relnamespace = c.relnamespace AND b.relname = BEFORE)) FROM generate_series(0, n.number - 1) g) END
        ORDER BY l.numbered DESC LIMIT 1)`, "BEFORE", madeName("(BASE || coalesce(nullif(g, 0)::text, ''))")))
}

// madeName is SQL for a name made of those of the table c and the columns n, and
// a label.
func madeName(label string) string {
	clip := func(text, bytes string) string {
		return `(SELECT left(` + text + `, max(i)) FROM generate_series(0, 63) i WHERE octet_length(left(` + text + `, i)) <= ` + bytes + `)`
	}
	room := `(62 - length(` + label + `) - CASE WHEN n.columns IS NULL THEN 0 ELSE 1 END)`
	return strings.NewReplacer("ROOM", room).Replace(
		clip("c.relname::text", "CASE WHEN n.columns IS NULL THEN ROOM ELSE greatest((ROOM + 1) / 2, ROOM - octet_length(n.columns)) END") +
			` || coalesce('_' || ` + clip("n.columns", "greatest(ROOM / 2, ROOM - octet_length(c.relname::text))") + `, '') || '_' || ` + label)
}
