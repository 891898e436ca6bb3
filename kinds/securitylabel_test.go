package kinds

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tvl-platform/plumb/schema"
)

// Label providers are loaded modules, of which PostgreSQL brings none: the
// statements are tested without one.
func TestSecurityLabel(t *testing.T) {
	label := func(text string) *schema.Object {
		return &schema.Object{Attrs: schema.Attrs{Names: []string{"on", "provider", "label"}, Values: []string{"TABLE public.t", "selinux", text}}}
	}
	alter, _ := securityLabels.Attr("label")
	tests := []struct {
		name      string
		got, want []string
	}{
		{"create", securityLabels.Create(schema.Built{Object: label("it's")}), []string{"SECURITY LABEL FOR selinux ON TABLE public.t IS 'it''s'"}},
		{"alter", alter.Alter(label("a"), label(`b\c`)), []string{`SECURITY LABEL FOR selinux ON TABLE public.t IS E'b\\c'`}},
		{"drop", securityLabels.Drop(label("a")), []string{"SECURITY LABEL FOR selinux ON TABLE public.t IS NULL"}},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, tt.got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}
