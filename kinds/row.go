package kinds

import (
	"encoding/json"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// Seeds lists the kind of rows that belong to the schema, since migrations make
// them: roles, permissions, lookup values. It is compared only where a project
// says which tables hold such rows, and has no query: catalog.Rows reads it.
var Seeds = schema.Kinds{seedRows}

// seedRows are told apart by their keys. Their attributes hold a line for each
// column (RowLine). A database may well have rows that no migration made.
var seedRows = &schema.Kind{
	Name: "row",
	Open: true,
	Attrs: []schema.Attr{
		{Name: "key", Fact: true},
		{Name: "values", Alter: updateRow},
		{Name: "overriding", Fact: true}, // what INSERT needs to say where an identity is ALWAYS
	},
	Loses: func(*schema.Object) bool { return true },
	Create: func(b schema.Built) []string {
		columns, values := rowLines(b.Get("values"))
		return list("INSERT INTO %s (%s) %sVALUES (%s)", b.Parent.Name, strings.Join(columns, ", "), b.Get("overriding"), strings.Join(values, ", "))
	},
	Drop: func(o *schema.Object) []string {
		return list("DELETE FROM %s WHERE %s", o.Parent.Name, rowKey(o))
	},
}

// updateRow sets the columns that differ; one that is new or gone comes and
// goes with its column.
func updateRow(old, new *schema.Object) []string {
	was := map[string]string{}
	columns, values := rowLines(old.Get("values"))
	for i, c := range columns {
		was[c] = values[i]
	}
	var set []string
	columns, values = rowLines(new.Get("values"))
	for i, c := range columns {
		if v, ok := was[c]; !ok || v != values[i] {
			set = append(set, c+" = "+values[i])
		}
	}
	if set == nil {
		return []string{}
	}
	return list("UPDATE %s SET %s WHERE %s", new.Parent.Name, strings.Join(set, ", "), rowKey(new))
}

func rowKey(o *schema.Object) string {
	columns, values := rowLines(o.Get("key"))
	var out []string
	for i, c := range columns {
		if values[i] == "NULL" {
			out = append(out, c+" IS NULL")
		} else {
			out = append(out, c+" = "+values[i])
		}
	}
	return strings.Join(out, " AND ")
}

// RowLine is how an attribute of a row holds one column.
func RowLine(column string, value *string) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(map[string]*string{column: value}) // texts can always be encoded
	return strings.TrimSuffix(out.String(), "\n")
}

// rowLines reads what RowLine wrote: the columns, and their values as SQL.
func rowLines(text string) (columns, values []string) {
	for _, line := range lines(text) {
		var pair map[string]*string
		_ = json.Unmarshal([]byte(line), &pair) // RowLine wrote it
		for column, value := range pair {
			columns = append(columns, column)
			if value == nil {
				values = append(values, "NULL")
			} else {
				values = append(values, strings.TrimSpace(literal(*value)))
			}
		}
	}
	return columns, values
}
