package diff_test

import (
	"fmt"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// Two snapshots are compared, and a plan leads from one to the other. No server
// is needed for that: catalog.Read and desired.Builder make snapshots.
func Example() {
	from, to := schema.Empty(170000), schema.Empty(170000)
	app := &schema.Object{ID: schema.ID{Kind: "schema", Name: "app"}}
	to.Objects[app.ID] = app

	for _, c := range diff.Compare(from, to, kinds.All) {
		fmt.Println(c.ID(), "is new:", c.Old == nil)
	}
	plan, err := diff.MakePlan(from, to, kinds.All)
	fmt.Println(plan.Statements(), err)

	kept, left, err := diff.Leave(from, to, kinds.All, diff.Policy{"add_schema": true})
	fmt.Println(len(kept.Objects), left, err)
	// Output:
	// schema app is new: true
	// [CREATE SCHEMA app] <nil>
	// 0 [schema app is not created (diff.skip.add_schema)] <nil>
}
