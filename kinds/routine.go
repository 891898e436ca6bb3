package kinds

import (
	"fmt"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// alterRoutine changes a routine in place: by ALTER where that can say all
// that differs, else by CREATE OR REPLACE where that is allowed. Every
// attribute returns the same one statement.
func alterRoutine(old, new *schema.Object) []string {
	for _, attr := range []string{"arguments", "result", "language", "support", "settings", "transforms", "library", "body", "parsed"} {
		if old.Get(attr) == new.Get(attr) {
			continue
		}
		if !sameCall(old, new) {
			return nil
		}
		return []string{"CREATE OR REPLACE " + new.Get("definition")}
	}
	return list("ALTER %s %s %s", strings.ToUpper(new.ID.Kind), new.Get("signature"), strings.Join(routineActions(old, new), " "))
}

// sameCall reports whether CREATE OR REPLACE takes new for a replacement of
// old as far as the arguments go: one with a name keeps it, no default goes
// away, and none on a polymorphic argument may get another type.
func sameCall(old, new *schema.Object) bool {
	was, is := lines(old.Get("input_names")), lines(new.Get("input_names"))
	for i, name := range was {
		if name != `""` && (i >= len(is) || is[i] != name) {
			return false
		}
	}
	if atoi(new.Get("default_count")) < atoi(old.Get("default_count")) {
		return false
	}
	return !old.Has("polymorphic_defaults") || old.Get("polymorphic_defaults") == new.Get("polymorphic_defaults")
}

// routineActions lists what ALTER FUNCTION is to do.
func routineActions(old, new *schema.Object) []string {
	var out []string
	word := func(attr, yes, no string) {
		switch {
		case old.Get(attr) == new.Get(attr):
		case new.Is(attr):
			out = append(out, yes)
		default:
			out = append(out, no)
		}
	}
	value := func(attr, verb string) {
		if old.Get(attr) != new.Get(attr) {
			out = append(out, verb+new.Get(attr))
		}
	}
	value("volatility", "")
	word("strict", "STRICT", "CALLED ON NULL INPUT")
	word("security_definer", "SECURITY DEFINER", "SECURITY INVOKER")
	word("leakproof", "LEAKPROOF", "NOT LEAKPROOF")
	value("parallel", "PARALLEL ")
	value("cost", "COST ")
	value("rows", "ROWS ")
	return out
}

// stubRoutine writes a routine with an empty body, as text, in place of one
// that was parsed and needs what it names.
func stubRoutine(o *schema.Object) []string {
	if !o.Is("parsed") {
		return nil
	}
	returns := ""
	if r := o.Get("result"); r != "" {
		returns = " RETURNS " + r
	}
	return list("CREATE OR REPLACE %s %s.%s(%s)%s LANGUAGE sql AS ''",
		strings.ToUpper(o.ID.Kind), o.Get("schema"), o.Get("routine"), o.Get("arguments"), returns)
}

func renameRoutine(old, new *schema.Object) []string {
	return rename(strings.ToUpper(old.ID.Kind), "routine")(old, new)
}

// routineName is the name that a routine takes beside functions, procedures
// and aggregates.
func routineName(o *schema.Object) []string {
	return []string{"routine " + strings.Replace(o.ID.Name, "(*)", "()", 1)}
}

// widensRoutine reports a function that now runs with its owner's rights, or
// runs so without the search_path that was pinned, or past the guards of
// row-level security and security barriers.
func widensRoutine(old, new *schema.Object) bool {
	if new == nil {
		return false
	}
	gained := func(attr string) bool { return new.Is(attr) && (old == nil || !old.Is(attr)) }
	unpinned := old != nil && new.Is("security_definer") && pinsPath(old) && !pinsPath(new)
	return gained("security_definer") || gained("leakproof") || unpinned
}

// pinsPath reports whether a routine sets its own search_path.
func pinsPath(o *schema.Object) bool {
	for _, s := range lines(o.Get("settings")) {
		if strings.HasPrefix(s, "search_path=") {
			return true
		}
	}
	return false
}

// atoi reads a number that the server printed.
func atoi(s string) int {
	n := 0
	fmt.Sscan(s, &n)
	return n
}
