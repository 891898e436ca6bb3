package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// vanishingLabels lists the labels that an enum has and its successor lacks.
func vanishingLabels(old, new *schema.Object) []string {
	var out []string
	for _, l := range lines(old.Get("labels")) {
		if !contains(lines(new.Get("labels")), l) {
			out = append(out, strings.TrimSpace(l))
		}
	}
	return out
}

// guardColumn writes a statement that stops the migration where rows of a
// column, or of an array in it, hold values of its type that vanish, and says
// how many: the server would stop at the first and count none.
func guardColumn(o *schema.Object, of schema.ID, vanishing []string) []string {
	if t := strings.TrimSuffix(o.Get("type"), "[]"); t != of.Name || o.Get("relation") != "TABLE" {
		return nil
	}
	body := fmt.Sprintf(`
DECLARE held text;
BEGIN
    SELECT string_agg(format('%%L (%%s)', c.label, c.n), ', ' ORDER BY c.label) INTO held FROM (
        SELECT u.label, count(*) AS n
        FROM %s AS t, LATERAL (SELECT DISTINCT h.v::text FROM unnest(ARRAY[t.%s]) AS h(v)) AS u(label)
        WHERE u.label IN (%s) GROUP BY u.label) AS c;
    IF held IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', HINT = 'Give these rows another value first.',
            MESSAGE =%s || held;
    END IF;
END `, o.Parent.Name, o.Get("column"), strings.Join(vanishing, ", "),
		" "+strings.TrimSpace(literal("cannot take labels away from "+of.Name+": rows of "+o.ID.Name+" hold ")))
	return []string{do(body)}
}
