package kinds

import (
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/schema"
)

// with makes an object of "name=value" words; nil of none.
func with(words ...string) *schema.Object {
	if len(words) == 0 {
		return nil
	}
	o := &schema.Object{}
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		o.Attrs.Names = append(o.Attrs.Names, name)
		o.Attrs.Values = append(o.Attrs.Values, value)
	}
	return o
}

func TestWidens(t *testing.T) {
	none := []string(nil)
	for _, c := range []struct {
		kind     string
		old, new []string
		want     bool
	}{
		{"function", none, []string{"security_definer=t"}, true},
		{"function", none, []string{"security_definer=f"}, false},
		{"function", []string{"security_definer=f"}, []string{"security_definer=t"}, true},
		{"function", []string{"security_definer=t"}, []string{"security_definer=f"}, false},
		{"function", []string{"leakproof=f"}, []string{"leakproof=t"}, true},
		{"function", []string{"security_definer=t", "settings=search_path=app"}, []string{"security_definer=t"}, true},
		{"function", []string{"settings=search_path=app"}, []string{"security_definer=f"}, false},
		{"procedure", []string{"security_definer=t"}, none, false},
		{"policy", none, []string{"combination=PERMISSIVE"}, true},
		{"policy", none, []string{"combination=RESTRICTIVE"}, false},
		{"policy", []string{"combination=RESTRICTIVE"}, none, true},
		{"policy", []string{"combination=PERMISSIVE"}, none, false},
		{"policy", []string{"using=a"}, []string{"using=b"}, true},
		{"trigger", []string{"enabled=ENABLE"}, []string{"enabled=DISABLE"}, true},
		{"trigger", []string{"enabled=ENABLE ALWAYS"}, []string{"enabled=ENABLE REPLICA"}, true},
		{"trigger", []string{"enabled=DISABLE"}, []string{"enabled=ENABLE"}, false},
		{"partition trigger", none, []string{"enabled=DISABLE"}, true},
		{"partition trigger", none, []string{"enabled=ENABLE ALWAYS"}, false},
		{"event trigger", []string{"enabled=ENABLE"}, []string{"enabled=DISABLE"}, true},
	} {
		if got := All.Find(c.kind).Widens(with(c.old...), with(c.new...)); got != c.want {
			t.Errorf("%s from %q to %q widens: %v, want %v", c.kind, c.old, c.new, got, c.want)
		}
	}
}
