package kinds

import "strings"

// automaticName is SQL for the name that the server gives to what a partition c
// has because its parent has it: the names of the table and of the columns of an
// index, the longer one cut, between letters, until all fits into 63 bytes with
// the label behind, and a number where the name was taken. What has some such
// number as its name is taken for one that would get it again. A primary key's name has no columns.
func automaticName(index, name, label string) string {
	clip := func(text, bytes string) string {
		return `(SELECT left(` + text + `, max(i)) FROM generate_series(0, 63) i WHERE octet_length(left(` + text + `, i)) <= ` + bytes + `)`
	}
	return strings.NewReplacer(
		"INDEX", index, "NAME", name, "LABEL", label,
		"TABLE_PART", clip("c.relname::text", "CASE WHEN n.columns IS NULL THEN r.room ELSE greatest((r.room + 1) / 2, r.room - octet_length(n.columns)) END"),
		"COLUMNS_PART", clip("n.columns", "greatest(r.room / 2, r.room - octet_length(c.relname::text))"),
	).Replace(`(SELECT quote_ident(m.name)
        FROM (SELECT CASE WHEN LABEL <> 'pkey' THEN (SELECT string_agg(a.attname, '_' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = INDEX) END AS columns) n
        CROSS JOIN unnest(ARRAY[substring(NAME::text FROM LABEL || '[0-9]+$'), LABEL]) l(label)
        CROSS JOIN LATERAL (SELECT 62 - length(l.label) - CASE WHEN n.columns IS NULL THEN 0 ELSE 1 END AS room) r
        CROSS JOIN LATERAL (SELECT TABLE_PART || coalesce('_' || COLUMNS_PART, '') || '_' || l.label AS name) m
        WHERE m.name IS NOT NULL ORDER BY m.name = NAME DESC, l.label LIMIT 1)`)
}
