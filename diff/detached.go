package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// matchDetached looks for objects that were renamed as they left what they were tied to,
// as a partition that is detached to be kept under another name: one whose numbered
// parts are those of the only new object that has such, and no tie.
func (in *inference) matchDetached(gone, fresh []*schema.Object) {
	free := map[string][]*schema.Object{}
	for _, o := range fresh {
		if e := in.untied(in.to, o); e != "" && !in.tied(in.to, o.ID) {
			free[e] = append(free[e], o)
		}
	}
	left := filter(gone, func(o *schema.Object) bool { return in.tied(in.from, o.ID) })
	in.pair(left, func(o *schema.Object) []*schema.Object { return free[in.untied(in.from, o)] })
}

// tied reports whether an object is tied to another.
func (in *inference) tied(s *schema.Snapshot, id schema.ID) bool {
	return slices.ContainsFunc(in.partsOf(s)[id], func(p *schema.Object) bool { return in.kinds.Find(p.ID.Kind).Tie })
}

// untied is the evidence that what is compared of an object and of its numbered
// parts is; "" if it has none.
func (in *inference) untied(s *schema.Snapshot, o *schema.Object) string {
	shape := in.shape(s, o)
	if shape == "" {
		return ""
	}
	return compared(o, in.kinds.Find(o.ID.Kind)) + shape
}

// shape is what is compared of the numbered parts of an object; "" if it has none,
// or is made anew at no cost.
func (in *inference) shape(s *schema.Snapshot, o *schema.Object) string {
	if in.kinds.Find(o.ID.Kind).Stub != nil {
		return ""
	}
	var b strings.Builder
	for _, p := range in.numbered(s, o.ID) {
		fmt.Fprintf(&b, "%s\x00%s %d %s %s\x00", o.ID.Kind, p.ID.Kind, p.Order, strings.TrimPrefix(p.ID.Name, o.ID.Name), compared(p, in.kinds.Find(p.ID.Kind)))
	}
	return b.String()
}
