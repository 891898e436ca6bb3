package config

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// What schemahcl repeats for each element of a list does not say for which
// one. So each block is given attributes that do, under names that no file can
// use.
const (
	eachKey   = "each.key"
	eachValue = "each.value"
)

// repeated prepares the blocks that have a for_each, and takes out those of
// which it is not known how many they are.
func (r *reader) repeated(body *hclsyntax.Body) {
	r.lost = map[string]error{}
	body.Blocks = slices.DeleteFunc(body.Blocks, func(b *hclsyntax.Block) bool {
		each := b.Body.Attributes["for_each"]
		if each == nil {
			return false
		}
		b.Body.Attributes[eachKey] = eachAttribute(eachKey, "key", each.SrcRange)
		b.Body.Attributes[eachValue] = eachAttribute(eachValue, "value", each.SrcRange)
		label := strings.Join(b.Labels, " ")
		switch r.unknown[each.SrcRange.Start] {
		case variable:
			r.lost[label] = r.noValue(each.SrcRange.Start.Line, "for_each")
			return true
		case elseData:
			r.noted(each.SrcRange, strings.TrimSpace(b.Type+" "+label)+".for_each, which needs data that plumb does not ask for")
			return true
		}
		return false
	})
}

func eachAttribute(name, field string, at hcl.Range) *hclsyntax.Attribute {
	return &hclsyntax.Attribute{Name: name, SrcRange: at, Expr: &hclsyntax.ScopeTraversalExpr{
		Traversal: hcl.Traversal{hcl.TraverseRoot{Name: "each"}, hcl.TraverseAttr{Name: field}},
	}}
}

// nameEach names an env that for_each has made: the label, and the element of
// a list of texts, or the key of what holds more.
func nameEach(e *Env, b *schemahcl.Resource) {
	key, ok := b.Attr(eachKey)
	if !ok {
		return
	}
	e.Group = b.Name
	element := key.V
	if value, ok := b.Attr(eachValue); ok && key.V.Type() == cty.Number && value.V.Type() == cty.String {
		element = value.V
	}
	suffix := ""
	switch element.Type() {
	case cty.String:
		suffix = element.AsString()
	case cty.Number:
		suffix = element.AsBigFloat().Text('f', -1)
	}
	if e.Name == b.Name {
		e.Name = fmt.Sprintf("%s-%s", b.Name, suffix)
	}
}
