package history

import (
	"regexp"
	"slices"
	"strings"
)

// Some tools keep both directions in one file, parted by comments: goose
// (-- +goose Up, Down), sql-migrate (-- +migrate Up, Down), dbmate
// (-- migrate:up, down) and tern (---- create above / drop below ----).
// A history only goes up.
var section = regexp.MustCompile(`(?mi)^[ \t]*--[ \t]*(?:\+goose[ \t]+|\+migrate[ \t]+|migrate:)(up|down)\b|^---- create above / (drop) below ----`)

// titled is how node-pg-migrate parts them. Others write such words above a
// file that goes one way: they part nothing unless both are there.
var titled = regexp.MustCompile(`(?mi)^[ \t]*--[ \t-]*(up|down)[ \t]+migration\b`)

// foreignTxNone is how they say that a file runs in no transaction.
var foreignTxNone = regexp.MustCompile(`(?mi)^[ \t]*--[ \t]*(?:\+goose[ \t]+no[ \t]+transaction\b|\+migrate[ \t]+up[ \t]+notransaction\b|migrate:up[ \t].*transaction:false\b)`)

// isForeign quickly rules out most files.
func isForeign(text string) bool {
	return slices.ContainsFunc([]string{"+goose", "igrat", "IGRAT", "drop below"}, func(word string) bool { return strings.Contains(text, word) })
}

// asksForNoTx reports whether such a file is to run in no transaction.
func asksForNoTx(text string) bool { return isForeign(text) && foreignTxNone.MatchString(text) }

// withoutDown returns the text with the sections that undo it blanked out.
func withoutDown(text string) string {
	if !isForeign(text) {
		return text
	}
	out := []byte(text)
	blankDown(out, sections(text, section))
	if both := sections(text, titled); slices.ContainsFunc(both, func(s part) bool { return !s.down }) {
		blankDown(out, both)
	}
	return string(out)
}

// part is a section from its comment to the next.
type part struct {
	from, to int
	down     bool
}

func sections(text string, mark *regexp.Regexp) []part {
	var out []part
	for _, m := range mark.FindAllStringSubmatchIndex(text, -1) {
		if n := len(out); n > 0 {
			out[n-1].to = m[0]
		}
		word := text[max(m[2], m[len(m)-2]):]
		out = append(out, part{m[0], len(text), !strings.EqualFold(word[:2], "up")})
	}
	return out
}

func blankDown(out []byte, sections []part) {
	for _, s := range sections {
		if s.down {
			blank(out[s.from:s.to])
		}
	}
}

// blank overwrites bytes with spaces and keeps the lines.
func blank(b []byte) {
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
}
