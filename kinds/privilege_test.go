package kinds

import (
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/schema"
)

func TestGrantTo(t *testing.T) {
	object := func(usual, granted, revoked, grantor string) *schema.Object {
		return &schema.Object{Attrs: schema.Attrs{
			Names:  []string{"target", "grantee", "grantor", "default", "granted", "revoked"},
			Values: []string{"TABLE public.t", "bob", grantor, usual, granted, revoked},
		}}
	}
	none := func(usual string) *schema.Object { return object(usual, "", "", "") }
	tests := []struct {
		name     string
		was, is  *schema.Object
		want     string
		widening bool
	}{
		{"grant", none(""), object("", "INSERT\nSELECT", "", ""), "GRANT SELECT, INSERT ON TABLE public.t TO bob", true},
		{"take back", object("", "SELECT", "", ""), none(""), "REVOKE SELECT ON TABLE public.t FROM bob", false},
		{"take a default", none("SELECT"), object("SELECT", "", "SELECT", ""), "REVOKE SELECT ON TABLE public.t FROM bob", false},
		{"give a default back", object("SELECT", "", "SELECT", ""), none("SELECT"), "GRANT SELECT ON TABLE public.t TO bob", true},
		{"option comes", object("", "SELECT", "", ""), object("", "SELECT WITH GRANT OPTION", "", ""), "GRANT SELECT ON TABLE public.t TO bob WITH GRANT OPTION", true},
		{"option goes", object("", "SELECT WITH GRANT OPTION", "", ""), object("", "SELECT", "", ""), "REVOKE GRANT OPTION FOR SELECT ON TABLE public.t FROM bob", false},
		{"default option goes", none("SELECT WITH GRANT OPTION"), object("SELECT WITH GRANT OPTION", "", "GRANT OPTION FOR SELECT", ""), "REVOKE GRANT OPTION FOR SELECT ON TABLE public.t FROM bob", false},
		{"revoking first", object("", "DELETE", "", ""), object("", "SELECT", "", ""), "REVOKE DELETE ON TABLE public.t FROM bob; GRANT SELECT ON TABLE public.t TO bob", true},
		{"by another", object("", "", "", "ann"), object("", "SELECT", "", "ann"), "SET ROLE ann; GRANT SELECT ON TABLE public.t TO bob; RESET ROLE", true},
		{"nothing", object("", "SELECT", "", ""), object("", "SELECT", "", ""), "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(grantTo(tt.is, tt.was, tt.is), "; "); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
			if got := widensPrivileges(tt.was, tt.is); got != tt.widening {
				t.Errorf("widens: %v", got)
			}
		})
	}
}
