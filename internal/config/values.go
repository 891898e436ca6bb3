package config

import (
	"fmt"
	"strings"
	"time"

	"ariga.io/atlas/schemahcl"
)

func (r *reader) text(a *schemahcl.Attr) string {
	v, err := a.String()
	if err != nil {
		r.wrong(a, "a text")
	}
	return v
}

func (r *reader) yes(a *schemahcl.Attr) bool {
	v, err := a.Bool()
	if err != nil {
		r.wrong(a, "true or false")
	}
	return v
}

func (r *reader) duration(a *schemahcl.Attr) time.Duration {
	d, err := time.ParseDuration(r.text(a))
	if err != nil || d < 0 {
		r.wrong(a, `a length of time, such as "10s"`)
	}
	return d
}

// texts reads a list of texts, or one.
func (r *reader) texts(a *schemahcl.Attr) []string {
	if v, err := a.String(); err == nil {
		return []string{v}
	}
	v, err := a.Strings()
	if err != nil {
		r.wrong(a, "a list of texts")
	}
	return append([]string{}, v...)
}

func (r *reader) oneOf(a *schemahcl.Attr, known ...string) string {
	v, err := a.String()
	for _, k := range known {
		if err == nil && v == k {
			return v
		}
	}
	r.wrong(a, `"`+strings.Join(known, `" or "`)+`"`)
	return ""
}

func (r *reader) wrong(a *schemahcl.Attr, want string) {
	r.errs = append(r.errs, fmt.Errorf("cannot read %s:%d: %s must be %s", r.path, line(a), a.K, want))
}

func line(a *schemahcl.Attr) int {
	if rng := a.Range(); rng != nil {
		return rng.Start.Line
	}
	return 0
}
