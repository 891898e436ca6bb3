package pgdump

import "testing"

// Storage parameters have no order, and the columns of statistics have the table's.
func TestListsHaveNoOrder(t *testing.T) {
	for line, want := range map[string]string{
		"WITH (b='2', a='1');":                        "WITH (a='1', b='2');",
		"CREATE STATISTICS public.s ON b, a FROM t;":  "CREATE STATISTICS public.s ON a, b FROM t;",
		"CREATE INDEX i ON t (b, a) WITH (b=2, a=1);": "CREATE INDEX i ON t (b, a) WITH (a=1, b=2);",
	} {
		if got := sortLists(line); got != want {
			t.Errorf("%s became %s", line, got)
		}
	}
}
