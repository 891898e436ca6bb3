package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tvl-platform/plumb/desired"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/report"
	"github.com/tvl-platform/plumb/schema"
)

// refuse stops a plan that loses rows which nobody said may be lost, or that
// may be about a rename which only a person can know.
func (g *generation) refuse(to desired.State) error {
	allowed := append(slices.Clone(g.o.allowDrop), consents(to)...)
	var text strings.Builder
	for _, s := range g.steps.Steps {
		for _, id := range s.Loses {
			if allows(allowed, id) {
				continue
			}
			fmt.Fprintf(&text, "\n  %s loses its rows:\n", report.OneLine(id.String()))
			for _, sql := range s.SQL {
				fmt.Fprintf(&text, "      %s;\n", strings.ReplaceAll(sql, "\n", "\n      "))
			}
			fmt.Fprintf(&text, "    if that is meant: --allow-drop %s", shellQuote(id.Name))
			if g.makes(id.Kind) {
				fmt.Fprintf(&text, "\n    if it was renamed: --rename %s=NEW", shellQuote(id.Name))
			}
		}
	}
	if text.Len() == 0 {
		if choice := ambiguous(g.steps); choice != "" {
			g.p.say("nothing was renamed where there is a choice:%s", choice)
		}
		return nil
	}
	return verdict{exitRefused, "refused, nothing was written:" + ambiguous(g.steps) + text.String()}
}

// makes reports whether the plan makes an object of a kind that can be renamed,
// so that what goes may be what comes.
func (g *generation) makes(kind string) bool {
	if g.p.kinds().Find(kind).Rename == nil {
		return false
	}
	return slices.ContainsFunc(g.steps.Steps, func(s diff.Step) bool { return s.Action == diff.Create && s.ID.Kind == kind })
}

// allows reports whether consent was given for an object, by its name or with
// its kind before it.
func allows(allowed []string, id schema.ID) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		a = strings.TrimSpace(a)
		return a == id.Name || a == id.String() || a == strings.ReplaceAll(id.Name, `"`, "")
	})
}

var consentLine = regexp.MustCompile(`(?m)^--[ \t]*plumb:allow-drop[ \t]+(.+?)[ \t]*\r?$`)

// consents reads the lines -- plumb:allow-drop NAME of the SQL that a state is
// made of.
func consents(s desired.State) []string {
	if s.Source != desired.FromSQL {
		return nil
	}
	var out []string
	_ = filepath.WalkDir(s.Path, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".sql") {
			return nil
		}
		text, _ := os.ReadFile(path) // it was read before: what is unreadable has been said
		for _, m := range consentLine.FindAllSubmatch(text, -1) {
			out = append(out, string(m[1]))
		}
		return nil
	})
	return out
}

func shellQuote(text string) string {
	if regexp.MustCompile(`^[\w.,:/@%+-]+$`).MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(report.OneLine(text), "'", `'\''`) + "'"
}

var referencesLine = regexp.MustCompile(`(?m)^-- References: (.*)$`)

// references says which specifications a migration belongs to: those of the
// first files that speak of what it changes.
func references(h *history.History, names []string) []string {
	var out []string
	for _, name := range names {
		word := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(name) + `\b`)
		for _, f := range h.Migrations {
			m := referencesLine.FindSubmatch(f.Bytes())
			if m == nil || !word.Match(f.Bytes()) {
				continue
			}
			for _, r := range strings.Split(string(m[1]), ",") {
				if r = strings.TrimSpace(r); r != "" && !slices.Contains(out, r) {
					out = append(out, r)
				}
			}
			break
		}
	}
	if out == nil {
		return []string{"specifications/domains/"}
	}
	slices.Sort(out)
	return out
}
