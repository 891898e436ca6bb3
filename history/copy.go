package history

import "strings"

// copies are the rows of each COPY … FROM STDIN, by the end of its statement.
type copies []copyRows

type copyRows struct {
	end         int // offset of the semicolon
	rows        []byte
	start, stop int // where the rows are, the line \. included
}

// within returns the rows that the statement from start to end reads, nil if
// it is no COPY.
func (c copies) within(start, end int) []byte {
	for _, r := range c {
		if start <= r.end && r.end < end {
			return r.rows
		}
	}
	return nil
}

// copyRows takes the rows of a COPY: the lines after the one with its
// semicolon, up to a line \. or the end of the file.
func (l *lexer) copyRows() {
	start := l.pos + 1 + strings.IndexByte(l.text[l.pos:], '\n')
	if n := len(l.copies); n > 0 {
		start = max(start, l.copies[n-1].stop)
	}
	rows, stop := len(l.text)-1, len(l.text)
	for at := start; at < len(l.text); {
		n := strings.IndexByte(l.text[at:], '\n') + 1
		if l.text[at:at+n] == "\\.\n" {
			rows, stop = at, at+n
			break
		}
		at += n
	}
	rows = max(rows, start)
	c := copyRows{end: l.pos, rows: []byte(l.text[start:rows]), start: start, stop: max(stop, start)}
	blank(l.out[c.start:c.stop])
	l.copies = append(l.copies, c)
}
