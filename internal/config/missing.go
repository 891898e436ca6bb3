package config

import (
	"slices"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// findMissing notes where the file needs a variable that has no value, be it
// by way of locals.
func (r *reader) findMissing(body *hclsyntax.Body) {
	locals := map[string]hclsyntax.Expression{}
	for _, b := range body.Blocks {
		for name, a := range b.Body.Attributes {
			if b.Type == schemahcl.BlockLocals {
				locals[name] = a.Expr
			}
		}
	}
	r.needMissing = map[hcl.Pos]bool{}
	var walk func(*hclsyntax.Body)
	walk = func(body *hclsyntax.Body) {
		for _, a := range body.Attributes {
			r.needMissing[a.SrcRange.Start] = r.needs(a.Expr, locals, 0)
		}
		for _, b := range body.Blocks {
			walk(b.Body)
		}
	}
	walk(body)
}

func (r *reader) needs(e hclsyntax.Expression, locals map[string]hclsyntax.Expression, depth int) bool {
	return depth < 16 && slices.ContainsFunc(hclsyntax.Variables(e), func(t hcl.Traversal) bool {
		if len(t) < 2 {
			return false
		}
		name, _ := t[1].(hcl.TraverseAttr)
		local := locals[name.Name]
		return t.RootName() == "var" && slices.Contains(r.missing, name.Name) ||
			t.RootName() == "local" && local != nil && r.needs(local, locals, depth+1)
	})
}
