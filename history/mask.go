package history

import (
	"regexp"
	"strconv"
	"strings"
)

// Atlas's scanner finds the ends of statements, but it misreads some of what
// PostgreSQL allows: E'it\'s', nested comments, a comment at the very end,
// identifiers with $, dollar quotes with tags like $тег$, backticks, a word
// delimiter; and it does not know the rows of COPY. mask is the one place
// that covers this. It returns text of the same length (and a final newline)
// in which the insides of quotes are x's and COPY's rows are blank, so that
// nothing is left to misread: what the scanner finds there, it has found in text.
//
// mask also refuses psql's own commands, as only here it is known where a
// backslash is outside of quotes.
func mask(path, text string) (string, copies, error) {
	l := &lexer{path: path, text: withoutDown(text) + "\n"}
	l.out = []byte(l.text)
	for l.pos < len(l.text) {
		if n := l.rowsRead; n < len(l.copies) && l.pos >= l.copies[n].start {
			l.pos, l.rowsRead = max(l.pos, l.copies[n].stop), n+1
			continue
		}
		if err := l.token(); err != nil {
			return "", nil, err
		}
	}
	return string(l.out), l.copies, nil
}

// lexer reads PostgreSQL's tokens only as far as needed to know which bytes
// are inside quotes and comments, and which COPY reads rows.
type lexer struct {
	path string
	text string
	out  []byte
	pos  int

	depth       int    // open parentheses
	first, last string // the statement's first word, and the one just before pos, lower case
	fromStdin   bool   // the statement is COPY … FROM STDIN
	atomic      bool   // in BEGIN ATOMIC … END, which cannot be nested (the scanner would try, for ever)
	copies      copies
	rowsRead    int // how many of copies are behind pos
}

var (
	dollarQuote = regexp.MustCompile(`^\$(?:[A-Za-z_\x{80}-\x{10FFFF}][A-Za-z0-9_\x{80}-\x{10FFFF}]*)?\$`)
	goesOn      = regexp.MustCompile(`^'(?:[ \t\f\v]*[\r\n]\s*)?'`) // a string in two parts, or with a quote in it
	restrict    = regexp.MustCompile(`^\\(?:un)?restrict[ \t]+[A-Za-z0-9]+[ \t]*\n`)
)

// token reads one token, or one byte that is none of interest.
func (l *lexer) token() error {
	rest := l.text[l.pos:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		l.pos++
		return nil
	case strings.HasPrefix(rest, "--"):
		l.lineComment()
		return nil
	case strings.HasPrefix(rest, "/*"):
		return l.comment()
	case c == '\\':
		return l.command()
	case isDigit(c): // a number's e is no word
		_, rest = cutDigits(rest)
		l.pos = len(l.text) - len(rest)
	case isLetter(c):
		return l.word()
	case c == '\'' || c == '"':
		return l.quoted(c, false)
	case c == '$':
		return l.dollar()
	default:
		l.punctuation(c)
	}
	l.last = ""
	return nil
}

func (l *lexer) punctuation(c byte) {
	switch {
	case c == '`':
		l.out[l.pos] = 'x'
	case c == '(':
		l.depth++
	case c == ')':
		l.depth = max(0, l.depth-1)
	case c == ';' && l.depth == 0:
		if l.fromStdin {
			l.copyRows()
		}
		l.first, l.fromStdin = "", false
	}
	l.pos++
}

// isLetter reports whether an identifier may begin with the byte.
func isLetter(c byte) bool {
	return c >= 0x80 || c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func (l *lexer) word() error {
	end := l.pos
	for isLetter(l.text[end]) || isDigit(l.text[end]) || l.text[end] == '$' {
		end++
	}
	word := l.text[l.pos:end]
	if strings.HasPrefix(word, bom) {
		return l.refuse(l.pos, "there is a byte order mark inside the file; remove it")
	}
	lower := strings.ToLower(word)
	hidden := strings.HasPrefix(lower, "delimiter") || lower == "atomic" && (l.atomic || l.last != "begin")
	for i := l.pos; i < end; i++ {
		if c := l.out[i]; c >= 0x80 || c == '$' || hidden {
			l.out[i] = 'x'
		}
	}
	l.pos = end
	if lower == "e" && strings.HasPrefix(l.text[l.pos:], "'") {
		return l.quoted('\'', true)
	}
	if l.first == "" {
		l.first = lower
		l.atomic = l.atomic && lower != "end"
	}
	if l.last == "begin" && lower == "atomic" {
		l.first, l.atomic = "", true
	}
	if l.first == "copy" && l.depth == 0 && l.last == "from" && (lower == "stdin" || lower == "stdout") {
		l.fromStdin = true
	}
	l.last = lower
	return nil
}

// quoted reads a string or a quoted name. Two quotes in a row are read as two
// strings, which comes to the same.
func (l *lexer) quoted(quote byte, escapes bool) error {
	for i := l.pos + 1; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '\\' && escapes:
			i++
		case c == quote && escapes && goesOn.MatchString(l.text[i:]):
			i += len(goesOn.FindString(l.text[i:])) - 1
		case c == quote:
			l.hide(l.pos+1, i)
			l.pos, l.last = i+1, ""
			return nil
		}
	}
	return l.refuse(l.pos, "the quote %c is never closed; close it", quote)
}

// dollar reads a dollar-quoted string, or a $ that is none.
func (l *lexer) dollar() error {
	l.last = ""
	tag := dollarQuote.FindString(l.text[l.pos:])
	if tag == "" {
		l.pos++
		return nil
	}
	n := strings.Index(l.text[l.pos+len(tag):], tag)
	if n < 0 {
		return l.refuse(l.pos, "the dollar quote %s is never closed; close it", tag)
	}
	end := l.pos + len(tag) + n + len(tag)
	l.hide(l.pos+1, end-1)
	l.out[l.pos], l.out[end-1] = '\'', '\''
	l.pos = end
	return nil
}

// lineComment reads a comment up to its line's end, which may also be a lone \r.
func (l *lexer) lineComment() {
	start := l.pos
	l.pos += strings.IndexAny(l.text[l.pos:], "\r\n")
	l.out[l.pos] = '\n'
	l.besideAtomic(start)
	l.pos++
}

// besideAtomic blanks a comment that would hide BEGIN ATOMIC, which the
// scanner knows only with spaces around.
func (l *lexer) besideAtomic(start int) {
	if l.last == "begin" || l.last == "atomic" {
		blank(l.out[start:l.pos])
	}
}

// comment reads a comment and hides those nested in it.
func (l *lexer) comment() error {
	start, depth := l.pos, 0
	for i := l.pos; i+1 < len(l.text); i++ {
		switch l.text[i : i+2] {
		case "/*":
			depth++
		case "*/":
			depth--
		default:
			continue
		}
		if depth == 0 {
			l.pos = i + 2
			l.besideAtomic(start)
			return nil
		}
		if i > start {
			l.hide(i, i+2)
		}
		i++
	}
	return l.refuse(start, "the comment /* is never closed; close it")
}

// command passes over what pg_dump writes for psql and refuses the rest.
func (l *lexer) command() error {
	rest := l.text[l.pos:]
	if m := restrict.FindString(rest); m != "" && (l.pos == 0 || l.text[l.pos-1] == '\n') {
		blank(l.out[l.pos : l.pos+len(m)])
		l.pos += len(m)
		return nil
	}
	if i := strings.IndexAny(rest, " \t\n;"); i > 0 {
		rest = rest[:i]
	}
	if !strconv.CanBackquote(rest) {
		rest = strconv.Quote(rest)
	}
	return l.refuse(l.pos, "%s is a command of psql, which the server does not know; remove it or write it as SQL", rest)
}

// hide makes bytes mean nothing to the scanner and keeps the lines.
func (l *lexer) hide(from, to int) {
	for i, c := range l.out[from:to] {
		if c != '\n' {
			l.out[from+i] = 'x'
		}
	}
}

func (l *lexer) refuse(pos int, format string, args ...any) error {
	return refuseAt(l.path, l.text, pos, format, args...)
}
