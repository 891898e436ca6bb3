package kinds

import (
	"fmt"

	"github.com/tvl-platform/plumb/schema"
)

// subscriptions receive what a publication elsewhere sends. The connection
// string is a secret: plumb neither reads nor writes it, *** stands in its
// place. A subscription is made as pg_dump makes it, without a connection and
// not enabled; whether one is enabled is a matter of operation and not
// compared. One that is dropped lets go of its slot first, so that dropping it
// reaches no other server: the slot must be dropped there.
var subscriptions = &schema.Kind{
	Name: "subscription",
	Noun: "SUBSCRIPTION",
	Query: `
SELECT 'pg_catalog.pg_subscription'::regclass::oid AS classid, s.oid AS objid, 0 AS objsubid,
       quote_ident(s.subname) AS name, NULL::oid AS pclassid, NULL::oid AS pobjid, NULL::int AS pobjsubid, 0 AS ord,
       (SELECT string_agg(quote_ident(p), ', ' ORDER BY i) FROM unnest(s.subpublications) WITH ORDINALITY u(p, i)) AS publications,
       s.subslotname AS slot_name, s.subslotname = s.subname AS usual_slot, s.subsynccommit AS synchronous_commit, s.subbinary AS binary,
       CASE WHEN s.substream THEN 'on' ELSE 'off' END AS streaming, -- <16
       CASE s.substream WHEN 't' THEN 'on' WHEN 'p' THEN 'parallel' ELSE 'off' END AS streaming, -- 16+
       s.subtwophasestate <> 'd' AS two_phase, s.subdisableonerr AS disable_on_error, -- 15+
       s.subpasswordrequired AS password_required, s.subrunasowner AS run_as_owner, s.suborigin AS origin, -- 16+
       s.subfailover AS failover, -- 17+
       s.subenabled AS enabled
FROM pg_catalog.pg_subscription s
WHERE s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`,
	Attrs: []schema.Attr{
		{Name: "publications", Alter: func(_, new *schema.Object) []string {
			return list("ALTER SUBSCRIPTION %s SET PUBLICATION %s WITH (refresh = false)", new.ID.Name, new.Get("publications"))
		}},
		{Name: "slot_name", Alter: func(_, new *schema.Object) []string {
			return list("ALTER SUBSCRIPTION %s SET (%s)", new.ID.Name, slotName(new))
		}},
		{Name: "usual_slot", Fact: true},
		{Name: "synchronous_commit", Alter: alterSubscription("synchronous_commit")},
		{Name: "binary", Alter: alterSubscription("binary")},
		{Name: "streaming", Alter: alterSubscription("streaming")},
		{Name: "two_phase", Alter: alterSubscription("two_phase")},
		{Name: "disable_on_error", Alter: alterSubscription("disable_on_error")},
		{Name: "password_required", Alter: alterSubscription("password_required")},
		{Name: "run_as_owner", Alter: alterSubscription("run_as_owner")},
		{Name: "origin", Alter: alterSubscription("origin")},
		{Name: "failover", Alter: alterSubscription("failover")},
		{Name: "enabled", Fact: true},
	},
	Create: func(b schema.Built) []string {
		first := []string{"connect = false"}
		if !b.Is("usual_slot") {
			first = append(first, slotName(b.Object))
		}
		return list("%s", fmt.Sprintf("CREATE SUBSCRIPTION %s CONNECTION 'host=%s' PUBLICATION %s%s", b.ID.Name, secret, b.Get("publications"),
			withOptions(b.Object, []optionDefault{{"synchronous_commit", "off"}, {"binary", "f"}, {"streaming", ""}, {"two_phase", "f"},
				{"disable_on_error", "f"}, {"password_required", "t"}, {"run_as_owner", "f"}, {"origin", "any"}, {"failover", "f"}},
				first...)))
	},
	Secret: func(*schema.Object) bool { return true },
	Drop: func(o *schema.Object) []string {
		var out []string
		if o.Is("enabled") {
			out = append(out, fmt.Sprintf("ALTER SUBSCRIPTION %s DISABLE", o.ID.Name))
		}
		if o.Has("slot_name") {
			out = append(out, fmt.Sprintf("ALTER SUBSCRIPTION %s SET (slot_name = NONE)", o.ID.Name))
		}
		return append(out, fmt.Sprintf("DROP SUBSCRIPTION %s", o.ID.Name))
	},
	Rename: func(old, new *schema.Object) []string {
		return list("ALTER SUBSCRIPTION %s RENAME TO %s", old.ID.Name, new.ID.Name)
	},
}

// alterSubscription changes an option. None makes a subscription anew: its
// connection string would be lost.
func alterSubscription(attr string) func(old, new *schema.Object) []string {
	return func(_, new *schema.Object) []string {
		return list("ALTER SUBSCRIPTION %s SET (%s)", new.ID.Name, withOption(new, attr))
	}
}

func slotName(o *schema.Object) string {
	if !o.Has("slot_name") {
		return "slot_name = NONE"
	}
	return withOption(o, "slot_name")
}
