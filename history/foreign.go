package history

import "regexp"

// Some tools keep both directions in one file, parted by comments: goose
// (-- +goose Up, Down), sql-migrate (-- +migrate Up, Down) and dbmate
// (-- migrate:up, down). A history only goes up.
var section = regexp.MustCompile(`(?mi)^[ \t]*--[ \t]*(?:\+goose[ \t]+|\+migrate[ \t]+|migrate:)(up|down)\b`)

// foreignTxNone is how those tools say that a file runs in no transaction.
var foreignTxNone = regexp.MustCompile(`(?mi)^[ \t]*--[ \t]*(?:\+goose[ \t]+no[ \t]+transaction\b|\+migrate[ \t]+up[ \t]+notransaction\b|migrate:up[ \t].*transaction:false\b)`)

// withoutDown returns the text with the sections that undo it blanked out.
func withoutDown(text string) string {
	marks := section.FindAllStringSubmatchIndex(text, -1)
	if marks == nil {
		return text
	}
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
