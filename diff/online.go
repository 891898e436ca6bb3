package diff

import (
	"slices"

	"github.com/tvl-platform/plumb/schema"
)

// Online lets the steps of some actions run while rows are written, where their
// kinds know how. Each then stands alone, outside of a transaction. Nobody
// writes yet to what the plan itself makes, so it is left as it is.
func (p *Plan) Online(from, to *schema.Snapshot, kinds schema.Kinds, actions ...Action) {
	made := map[schema.ID]bool{}
	for i, s := range p.Steps {
		if s.Action == Create {
			made[s.ID] = true
		}
		if !slices.Contains(actions, s.Action) {
			continue
		}
		if sql := online(s, from, to, kinds.Find(s.ID.Kind), made); sql != nil {
			p.Steps[i].SQL, p.Steps[i].Alone = sql, true
		}
	}
}

// online is the online form of a step that does no more than make or drop an
// object; nil if there is none.
func online(s Step, from, to *schema.Snapshot, k *schema.Kind, made map[schema.ID]bool) []string {
	old, now := from.Objects[s.ID], to.Objects[s.ID]
	switch {
	case s.Action == Create && k.CreateOnline != nil && !made[now.Parent] && slices.Equal(s.SQL, k.Create(schema.Built{Object: now})):
		return k.CreateOnline(now)
	case s.Action == Drop && k.DropOnline != nil && old != nil && slices.Equal(s.SQL, k.DropOf(old)):
		return k.DropOnline(old)
	}
	return nil
}
