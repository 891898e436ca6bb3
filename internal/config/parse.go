package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Read reads a project file. vars are the values of its variables, env the
// name that atlas.env stands for. Without a file, and if none was asked for,
// the Config holds what Supabase's file says.
func Read(path string, vars Vars, env string) (*Config, error) {
	asked := path != ""
	if !asked {
		path = File
	}
	path = strings.TrimPrefix(path, "file://")
	data, err := os.ReadFile(path)
	supabase, serr := readSupabase()
	if serr != nil {
		return nil, serr
	}
	if errors.Is(err, fs.ErrNotExist) && !asked {
		c := &Config{path: path, Supabase: supabase}
		if supabase != nil {
			c.Dir = supabase.Dir
		}
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the project file: %w", err)
	}
	c, err := Parse(path, data, vars, env)
	if err == nil && supabase != nil {
		supabase.Dir = "" // the project file says where
		c.Supabase = supabase
	}
	return c, err
}

// Parse reads the text of a project file.
func Parse(path string, data []byte, vars Vars, env string) (*Config, error) {
	parser := hclparse.NewParser()
	file, diags := parser.ParseHCL(data, path)
	if diags.HasErrors() {
		return nil, fmt.Errorf("cannot read %w", diags)
	}
	r := &reader{path: path}
	body := file.Body.(*hclsyntax.Body)
	values, err := r.variables(body, vars)
	if err != nil {
		return nil, err
	}
	others := r.setAside(body)
	r.findUnknown(body, others)
	r.repeated(body)
	var doc struct{ schemahcl.DefaultExtension }
	if err := r.eval(parser, &doc, values, r.options(body, others, env)); err != nil {
		return nil, r.evalError(err)
	}
	c := r.config(&doc.Extra)
	c.path, c.lost = path, r.lost
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	slices.Sort(r.ignored)
	c.Ignored = slices.Compact(r.ignored)
	return c, nil
}

// eval evaluates the file.
func (r *reader) eval(parser *hclparse.Parser, doc any, values map[string]cty.Value, options []schemahcl.Option) (err error) {
	defer func() { // schemahcl asks for the length of lists that are unknown
		if p := recover(); p != nil {
			err = fmt.Errorf("a list depends on what is not known: %v", p)
		}
	}()
	return schemahcl.New(options...).Eval(parser, doc, values)
}

// options are the words that the file may use. What depends on the data of
// other systems, or on blocks that were set aside, is unknown.
func (r *reader) options(body *hclsyntax.Body, others []string, env string) []schemahcl.Option {
	variables := map[string]cty.Value{}
	for _, name := range others {
		variables[name] = cty.DynamicVal
	}
	variables["atlas"] = cty.ObjectVal(map[string]cty.Value{"env": cty.StringVal(env)})
	options := []schemahcl.Option{
		schemahcl.WithPos(),
		schemahcl.WithFunctions(map[string]function.Function{"getenv": getenv, "file": readFile(filepath.Dir(r.path))}),
		schemahcl.WithVariables(variables),
	}
	for _, where := range []string{"env.", ""} {
		options = append(options,
			schemahcl.WithScopedEnums(where+"migration.format", formats...),
			schemahcl.WithScopedEnums(where+"migration.exec_order", orders...),
			schemahcl.WithScopedEnums(where+"lint.review", "ALWAYS", "ERROR", "WARNING"),
		)
	}
	for _, b := range body.Blocks {
		if b.Type == schemahcl.BlockData && len(b.Labels) == 2 {
			options = append(options, schemahcl.WithDataSource(b.Labels[0], elsewhere))
			r.noted(b.Range(), fmt.Sprintf("data %s.%s", b.Labels[0], b.Labels[1]))
		}
	}
	return options
}

// setAside lists the blocks that plumb does not read, and takes them out, since
// they may need what it does not have. It returns their names.
func (r *reader) setAside(body *hclsyntax.Body) (others []string) {
	known := []string{"env", "seed", "migration", "diff", schemahcl.BlockLocals, schemahcl.BlockVariable, schemahcl.BlockData}
	body.Blocks = slices.DeleteFunc(body.Blocks, func(b *hclsyntax.Block) bool {
		if slices.Contains(known, b.Type) {
			return false
		}
		others = append(others, b.Type)
		if meant := near(b.Type, slices.Clone(known)); meant != "" {
			r.ignored = append(r.ignored, fmt.Sprintf("%s (line %d%s)", b.Type, b.Range().Start.Line, meant))
		} else {
			r.notedAll(b, "")
		}
		return true
	})
	return others
}

// noted lists something of the file that plumb does not honour.
func (r *reader) noted(at hcl.Range, what string) {
	r.ignored = append(r.ignored, fmt.Sprintf("%s (line %d)", what, at.Start.Line))
}

// notedAll lists all that is in a block.
func (r *reader) notedAll(b *hclsyntax.Block, where string) {
	where += strings.Join(append([]string{b.Type}, b.Labels...), " ")
	for name, a := range b.Body.Attributes {
		r.noted(a.SrcRange, where+"."+name)
	}
	for _, c := range b.Body.Blocks {
		r.notedAll(c, where+".")
	}
	if len(b.Body.Attributes)+len(b.Body.Blocks) == 0 {
		r.noted(b.Range(), where)
	}
}

func (r *reader) evalError(err error) error {
	var diags hcl.Diagnostics
	if errors.As(err, &diags) {
		return fmt.Errorf("cannot read %w", diags)
	}
	return fmt.Errorf("cannot read %s: %w%s", r.path, err, r.giveMissing())
}

// elsewhere stands for data that Atlas asks other systems for, and plumb does not.
func elsewhere(context.Context, *hcl.EvalContext, *hclsyntax.Block) (cty.Value, error) {
	return cty.DynamicVal, nil
}

// getenv("NAME") is the value of an environment variable, "" if it is not set.
var getenv = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "name", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		return cty.StringVal(os.Getenv(args[0].AsString())), nil
	},
})

// readFile makes the function file("PATH"), the text of a file beside the
// project file.
func readFile(dir string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			path := args[0].AsString()
			if !filepath.IsAbs(path) {
				path = filepath.Join(dir, path)
			}
			text, err := os.ReadFile(path)
			return cty.StringVal(string(text)), err
		},
	})
}
