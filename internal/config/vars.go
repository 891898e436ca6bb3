package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Vars are the values of variables, as --var gives them: NAME=VALUE, once or,
// for a list, several times.
type Vars map[string][]string

// String is empty where none was given.
func (v Vars) String() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		out = append(out, name+"="+strings.Join(v[name], ","))
	}
	return strings.Join(out, " ")
}

// Set adds a value.
func (v Vars) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("%q is no NAME=VALUE", text)
	}
	v[name] = append(v[name], value)
	return nil
}

// Type is how the flag is described.
func (v Vars) Type() string { return "NAME=VALUE" }

// variables finds the values of the variables that a file declares. One that
// has none is unknown, which matters to whatever needs it.
func (r *reader) variables(body *hclsyntax.Body, vars Vars) (map[string]cty.Value, error) {
	values, declared := map[string]cty.Value{}, []string{}
	for _, b := range body.Blocks {
		if b.Type != schemahcl.BlockVariable || len(b.Labels) != 1 {
			continue
		}
		name := b.Labels[0]
		declared = append(declared, name)
		switch given := vars[name]; {
		case len(given) > 0:
			values[name] = ctyOf(given, b.Body.Attributes["type"])
		case b.Body.Attributes["default"] == nil:
			r.missing = append(r.missing, name)
			values[name] = cty.DynamicVal
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if !slices.Contains(declared, name) {
			return nil, fmt.Errorf("cannot set --var %s: %s declares no such variable%s", name, r.path, listed("; it has ", declared))
		}
	}
	return values, nil
}

// ctyOf is one text, or a list of them where the type is one or several are given.
func ctyOf(given []string, typ *hclsyntax.Attribute) cty.Value {
	list := len(given) > 1
	if typ != nil {
		call, ok := typ.Expr.(*hclsyntax.FunctionCallExpr)
		list = list || ok && (call.Name == "list" || call.Name == "set")
	}
	if !list {
		return cty.StringVal(given[0])
	}
	var all []cty.Value
	for _, text := range given {
		all = append(all, cty.StringVal(text))
	}
	return cty.ListVal(all)
}

// giveMissing says how to give values to the variables that have none.
func (r *reader) giveMissing() string {
	if len(r.missing) == 0 {
		return ""
	}
	return "; give a value with --var " + strings.Join(r.missing, "=VALUE --var ") + "=VALUE"
}

func listed(before string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return before + strings.Join(names, ", ")
}
