package history

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"ariga.io/atlas/sql/migrate"
)

// Statement is one SQL statement, as psql would send it.
type Statement struct {
	Text     string   // as written, comments inside and the semicolon included
	Line     int      // where it begins in the file, from 1
	Column   int      // in characters, from 1
	Offset   int      // in bytes from the start of the file as File.Bytes has it
	Comments []string // those right above it
	Copy     []byte   // the rows below a COPY … FROM STDIN; nil for any other statement
}

// Directive returns what the comments above the statement say after
// atlas:<name>, as in -- atlas:nolint.
func (s Statement) Directive(name string) []string {
	return (&migrate.Stmt{Comments: s.Comments}).Directive(name)
}

// Position is where the file has the statement's character pos, which counts
// from 1 as PostgreSQL's errors do. A pos outside the statement gives its start.
func (s Statement) Position(pos int) (line, column int) {
	if pos < 1 || pos > utf8.RuneCountInString(s.Text)+1 {
		return s.Line, s.Column
	}
	offset := 0
	for range pos - 1 {
		_, size := utf8.DecodeRuneInString(s.Text[offset:])
		offset += size
	}
	line, column = lineColumn(s.Text, offset)
	if line == 1 {
		column += s.Column - 1
	}
	return s.Line + line - 1, column
}

// SplitStatements splits the text of an SQL file into the statements that
// psql would send one by one; path is for messages only. A leading byte order
// mark is dropped and \r\n becomes \n before anything else. Text that is not
// UTF-8, or has NUL bytes, is refused.
//
// Commands of psql itself are refused, but for the pair \restrict and
// \unrestrict, which pg_dump writes and which mean nothing to a server.
func SplitStatements(path, text string) ([]Statement, error) {
	text, err := decode(path, text)
	if err != nil {
		return nil, err
	}
	return split(path, text)
}

// split is SplitStatements for text that decode has returned.
func split(path, text string) ([]Statement, error) {
	masked, copies, err := mask(path, text)
	if err != nil {
		return nil, err
	}
	scanned, err := scan(masked)
	if err != nil {
		return nil, scanError(path, err)
	}
	at, line, column := 0, 1, 1
	var stmts []Statement
	for _, s := range scanned {
		end := s.Pos + len(s.Text)
		if s.Pos < at || end > len(text) || masked[s.Pos:end] != s.Text {
			return nil, fmt.Errorf("cannot read %s:%d: the scanner lost its place; report this as a bug of plumb", quote(path), line)
		}
		line, column = advance(line, column, text[at:s.Pos])
		at = s.Pos
		if strings.Trim(s.Text, ";") == "" {
			continue
		}
		stmts = append(stmts, Statement{
			Text: text[s.Pos:end], Line: line, Column: column, Offset: s.Pos,
			Comments: s.Comments, Copy: copies.within(s.Pos, end),
		})
	}
	return stmts, nil
}

// advance moves a line and column over some text.
func advance(line, column int, text string) (int, int) {
	l, c := lineColumn(text, len(text))
	if l == 1 {
		return line, column + c - 1
	}
	return line + l - 1, c
}

// scan runs Atlas's scanner with PostgreSQL's options, but for BEGIN … END
// blocks: in PostgreSQL's SQL these are transactions, not one statement.
func scan(masked string) ([]*migrate.Stmt, error) {
	stmts, err := (&migrate.Scanner{ScannerOptions: migrate.ScannerOptions{
		MatchBeginAtomic: strings.Contains(strings.ToLower(masked), "atomic"), // slow, so only where needed
		MatchDollarQuote: true,
		EscapedStringExt: true,
	}}).Scan(masked)
	if err != nil {
		return nil, err
	}
	// The scanner counts from after a first line with atlas:delimiter.
	if d := delimiterLine.FindString(masked); d != "" {
		for _, s := range stmts {
			s.Pos += len(d)
		}
	}
	return stmts, nil
}

var (
	delimiterLine = regexp.MustCompile(`^-- atlas:delimiter(?: .*)?\n`)
	scannerError  = regexp.MustCompile(`^(\d+:\d+): (.*)$`)
)

func scanError(path string, err error) error {
	if m := scannerError.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("cannot read %s:%s: %s; close or remove it", quote(path), m[1], m[2])
	}
	return fmt.Errorf("cannot read %s: %w", quote(path), err)
}
