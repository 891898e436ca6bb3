package history

import (
	"regexp"
	"strings"
)

// Some tools keep both directions in one file, parted by comments: goose
// (-- +goose Up, Down), sql-migrate (-- +migrate Up, Down) and dbmate
// (-- migrate:up, down). A history only goes up.
var section = regexp.MustCompile(`(?mi)^[ \t]*--[ \t]*(?:\+goose[ \t]+|\+migrate[ \t]+|migrate:)(up|down)\b`)

// foreignTxNone is how they say that a file runs in no transaction.
var foreignTxNone = regexp.MustCompile(`(?mi)^[ \t]*--[ \t]*(?:\+goose[ \t]+no[ \t]+transaction\b|\+migrate[ \t]+up[ \t]+notransaction\b|migrate:up[ \t].*transaction:false\b)`)

// isForeign quickly rules out most files.
func isForeign(text string) bool {
	return strings.Contains(text, "+goose") || strings.Contains(text, "migrate")
}

// asksForNoTx reports whether such a file is to run in no transaction.
func asksForNoTx(text string) bool { return isForeign(text) && foreignTxNone.MatchString(text) }

// withoutDown returns the text with the sections that undo it blanked out.
func withoutDown(text string) string {
	if !isForeign(text) {
		return text
	}
	marks := section.FindAllStringSubmatchIndex(text, -1)
	out := []byte(text)
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		if d := text[m[2]]; d == 'd' || d == 'D' {
			blank(out[m[0]:end])
		}
	}
	return string(out)
}

// blank overwrites bytes with spaces and keeps the lines.
func blank(b []byte) {
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
}
