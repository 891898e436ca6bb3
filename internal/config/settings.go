package config

import (
	"maps"
	"slices"
	"strings"

	"ariga.io/atlas/schemahcl"

	"github.com/tvl-platform/plumb/kinds"
)

// The values of enumerations, which may be written as words or as texts.
var (
	formats = []string{"atlas", "golang-migrate", "goose", "flyway", "liquibase", "dbmate"}
	orders  = []string{"linear", "linear-skip", "non-linear", "LINEAR", "LINEAR_SKIP", "NON_LINEAR"}
)

// settings are the attributes that may stand at the top or in an env.
func (r *reader) settings(s *Settings, where string) attributes {
	return attributes{
		"phases":    func(a *schemahcl.Attr) { s.Phases = r.texts(a) },
		"numbering": func(a *schemahcl.Attr) { s.Numbering = r.oneOf(a, "sequence", "per_folder") },
		"dev_init": func(a *schemahcl.Attr) {
			for _, f := range r.texts(a) {
				s.DevInit = append(s.DevInit, strings.TrimPrefix(f, "file://"))
			}
		},
		"download_postgres": func(a *schemahcl.Attr) { s.DownloadPostgres = r.yes(a) },
		"dev":               func(a *schemahcl.Attr) { s.Dev = r.dev(a, where) },
		"schemas":           func(a *schemahcl.Attr) { s.Schemas = r.texts(a) },
		"include":           func(a *schemahcl.Attr) { s.Include = r.texts(a) },
		"exclude":           func(a *schemahcl.Attr) { s.Exclude = append(s.Exclude, r.texts(a)...) },
		"profile":           func(a *schemahcl.Attr) { s.Profile = r.texts(a) },
	}
}

// dev reads the address of a server to work beside. Other addresses mean one
// that is started for the purpose, as plumb does anyhow.
func (r *reader) dev(a *schemahcl.Attr, where string) string {
	dev := r.text(a)
	if dev == "" || strings.HasPrefix(dev, "postgres") {
		return dev
	}
	r.ignore(a, where+a.K, "; plumb has a throw-away server of its own")
	return ""
}

func (r *reader) migration(s *Settings, b *schemahcl.Resource, where string, unknown func(error)) {
	where += "migration."
	r.block(b, where, r.settings(s, where).with(attributes{
		"dir": func(a *schemahcl.Attr) {
			s.Dir, _, _ = strings.Cut(strings.TrimPrefix(r.text(a), "file://"), "?")
			if scheme, _, ok := strings.Cut(s.Dir, "://"); ok {
				r.wrong(a, "a folder, such as \"file://migrations\": plumb cannot read "+scheme+"://")
			}
		},
		"format": func(a *schemahcl.Attr) { // the history finds out by itself
			if r.oneOf(a, formats...) == "liquibase" {
				r.ignore(a, where+a.K, "; plumb does not know the files of liquibase")
			}
		},
		"exclude":          func(a *schemahcl.Attr) { s.Exclude = append(s.Exclude, tables(r.texts(a))...) },
		"baseline":         func(a *schemahcl.Attr) { s.Baseline = r.text(a) },
		"revisions_schema": func(a *schemahcl.Attr) { s.RevisionsSchema = r.text(a) },
		"exec_order": func(a *schemahcl.Attr) {
			s.ExecOrder = strings.ReplaceAll(strings.ToLower(r.oneOf(a, orders...)), "_", "-")
		},
		"tx_mode": func(a *schemahcl.Attr) {
			if r.oneOf(a, "file", "all", "none") != "file" {
				r.ignore(a, where+a.K, "; plumb runs each file in a transaction, unless the file says -- atlas:txmode none")
			}
		},
		"lock_timeout": func(a *schemahcl.Attr) { s.LockTimeout = r.duration(a) },
	}), nil, unknown)
}

// tables reads patterns in which a name alone is that of a table, in any schema.
func tables(patterns []string) []string {
	out := slices.Clone(patterns)
	for i, p := range out {
		if !strings.ContainsAny(p, ".[") {
			out[i] = "*." + p + "[type=table]"
		}
	}
	return out
}

// diff reads the policy of planning: what is left out, and how indexes are made.
func (r *reader) diff(s *Settings, b *schemahcl.Resource, where string, unknown func(error)) {
	where += "diff."
	r.block(b, where, nil, blocks{
		"skip": func(b *schemahcl.Resource) { s.Skip = r.skip(b, where+"skip.", unknown) },
		"concurrent_index": func(b *schemahcl.Resource) {
			s.Concurrent = map[string]bool{}
			create := func(a *schemahcl.Attr) { s.Concurrent["create"] = r.yes(a) }
			r.block(b, where+"concurrent_index.", attributes{
				"create": create,
				"add":    create,
				"drop":   func(a *schemahcl.Attr) { s.Concurrent["drop"] = r.yes(a) },
			}, nil, unknown)
		},
	}, unknown)
}

// skip reads which changes to leave out: an action and a kind of object, as in
// drop_table.
func (r *reader) skip(b *schemahcl.Resource, where string, unknown func(error)) map[string]bool {
	out, known := map[string]bool{}, attributes{}
	for _, change := range changes() {
		known[change] = func(a *schemahcl.Attr) { out[a.K] = r.yes(a) }
	}
	r.block(b, where, known, nil, unknown)
	return out
}

// changes lists all that can be left out.
func changes() []string {
	var out []string
	for _, k := range kinds.All {
		for _, noun := range append(slices.Collect(maps.Keys(k.Called)), strings.ReplaceAll(k.Name, " ", "_")) {
			out = append(out, "add_"+noun, "drop_"+noun, "modify_"+noun)
			if k.Rename != nil {
				out = append(out, "rename_"+noun)
			}
		}
	}
	return out
}
