package config

import (
	"slices"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// needs is what an expression needs and cannot have.
type needs int

const (
	nothing  needs = iota
	elseData       // the data of another system, or a block that plumb does not read
	variable       // a variable without a value
)

// findUnknown notes what each attribute of the file needs and cannot have, be
// it by way of locals. others names blocks that plumb does not read.
func (r *reader) findUnknown(body *hclsyntax.Body, others []string) {
	u := &unknowns{r: r, others: append(others, schemahcl.BlockData), locals: map[string]hclsyntax.Expression{}}
	for _, b := range body.Blocks {
		for name, a := range b.Body.Attributes {
			if b.Type == schemahcl.BlockLocals {
				u.locals[name] = a.Expr
			}
		}
	}
	r.unknown = map[hcl.Pos]needs{}
	u.walk(body)
}

type unknowns struct {
	r      *reader
	others []string
	locals map[string]hclsyntax.Expression
}

func (u *unknowns) walk(body *hclsyntax.Body) {
	for _, a := range body.Attributes {
		u.r.unknown[a.SrcRange.Start] = u.of(a.Expr, 0)
	}
	for _, b := range body.Blocks {
		u.walk(b.Body)
	}
}

func (u *unknowns) of(e hclsyntax.Expression, depth int) needs {
	out := nothing
	for _, t := range hclsyntax.Variables(e) {
		if slices.Contains(u.others, t.RootName()) {
			out = max(out, elseData)
		}
		if len(t) < 2 {
			continue
		}
		name, _ := t[1].(hcl.TraverseAttr)
		switch local := u.locals[name.Name]; {
		case t.RootName() == "var" && slices.Contains(u.r.missing, name.Name):
			return variable
		case t.RootName() == "local" && local != nil && depth < 16:
			out = max(out, u.of(local, depth+1))
		}
	}
	return out
}
