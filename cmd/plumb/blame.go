package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

type blameOptions struct{ object, to, format string }

func newBlame(p *project) *cobra.Command {
	var o blameOptions
	cmd := &cobra.Command{
		Use:   "blame OBJECT",
		Short: "Name the migrations that made an object and changed it last",
		Long: `Replay the migrations statement by statement, and name the file and line that made
an object and the one that changed it last. An OBJECT is named as plumb prints it,
with its kind where several have the name: public.units, public.units.status,
"policy tenant on public.units", "index public.units_name_idx".`,
		Example: `  plumb blame public.units.status
  plumb blame "policy tenant_isolation on public.units"
  plumb blame public.units --to mvp.1 --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.object = args[0]
			return runBlame(cmd.Context(), p, o)
		},
	}
	cmd.Flags().StringVar(&o.to, "to", "", "the history up to this `VERSION` only: a phase, a number or a file")
	formatFlag(cmd, &o.format, "text", "json")
	return cmd
}

func runBlame(ctx context.Context, p *project, o blameOptions) error {
	if err := oneOf("--format", o.format, "text", "json"); err != nil {
		return err
	}
	b, err := p.builder(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	history := p.history()
	history.UpTo = o.to
	origins, err := b.Origins(ctx, history)
	if err != nil {
		return err
	}
	var found []blamed
	for _, obj := range named(origins.Objects(), o.object) {
		if origin, ok := origins.Of(obj.ID); ok {
			found = append(found, blamed{obj.ID, origin})
		}
	}
	if len(found) == 0 {
		return fmt.Errorf("cannot find %q among what %s makes; name it as plumb inspect does, such as public.units.status", o.object, history.Name)
	}
	return p.print(blameText(found, o.format))
}

// named lists the objects that a name means: by kind and name, or by the name
// alone, with or without its quotes and schema public.
func named(objects []*schema.Object, name string) []*schema.Object {
	var exact, loose []*schema.Object
	for _, obj := range objects {
		switch {
		case obj.ID.String() == name || obj.ID.Name == name:
			exact = append(exact, obj)
		case strings.ReplaceAll(obj.ID.Name, `"`, "") == name || obj.ID.Name == "public."+name || strings.HasPrefix(obj.ID.Name, name+"("):
			loose = append(loose, obj)
		}
	}
	if exact != nil {
		return exact
	}
	return loose
}

type blamed struct {
	id schema.ID
	desired.Origin
}

func blameText(found []blamed, format string) string {
	if format == "json" {
		return blameJSON(found)
	}
	var out strings.Builder
	for _, f := range found {
		fmt.Fprintf(&out, "%s\n  made     %s  %s\n", report.OneLine(f.id.String()), report.OneLine(f.Made.String()), report.Shorten(f.Made.Statement))
		if f.Changed != f.Made {
			fmt.Fprintf(&out, "  changed  %s  %s\n", report.OneLine(f.Changed.String()), report.Shorten(f.Changed.Statement))
		}
	}
	return out.String()
}

func blameJSON(found []blamed) string {
	type place struct {
		Path      string `json:"file"`
		Line      int    `json:"line"`
		Statement string `json:"statement"`
	}
	type object struct {
		Kind    string `json:"kind"`
		Name    string `json:"name"`
		Made    place  `json:"made"`
		Changed place  `json:"changed"`
	}
	out := []object{}
	for _, f := range found {
		out = append(out, object{f.id.Kind, f.id.Name, place(f.Made), place(f.Changed)})
	}
	text, _ := json.MarshalIndent(out, "", "  ") // texts and numbers can always be written
	return string(text) + "\n"
}
