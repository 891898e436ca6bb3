package history

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const bom = "\uFEFF"

// decode returns the text of a file as the server shall see it: without a
// leading byte order mark, with \n between lines. What is not UTF-8 text is
// refused.
func decode(path, raw string) (string, error) {
	if strings.HasPrefix(raw, "\xff\xfe") || strings.HasPrefix(raw, "\xfe\xff") {
		return "", fmt.Errorf("cannot read %s: it is UTF-16; save it as UTF-8", quote(path))
	}
	text := strings.ReplaceAll(strings.TrimPrefix(raw, bom), "\r\n", "\n")
	if i := invalid(text); i >= 0 {
		return "", refuseAt(path, text, i, "byte 0x%02x is not UTF-8; save the file as UTF-8", text[i])
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return "", refuseAt(path, text, i, "PostgreSQL takes no NUL byte; remove it, or save the file as UTF-8")
	}
	return text, nil
}

// refuseAt is the error of a file that cannot be read further than pos.
func refuseAt(path, text string, pos int, format string, args ...any) error {
	line, column := lineColumn(text, pos)
	return fmt.Errorf("cannot read %s:%d:%d: %s", quote(path), line, column, fmt.Sprintf(format, args...))
}

// invalid is the offset of the first byte that is not UTF-8, -1 if none.
func invalid(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			return i
		}
	}
	return -1
}

// lineColumn is where an editor shows the byte at offset: both count from 1,
// columns in characters.
func lineColumn(text string, offset int) (line, column int) {
	before := text[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:])
}
