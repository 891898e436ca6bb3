package history

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"
)

// File is one migration. It implements migrate.File.
type File struct {
	Path       string // from the root of the history, with slashes: mvp.1/005_add_units.sql
	Phase      string // its folder: mvp.1; "" in a flat history
	Number     Number // as written: 005
	Title      string // add_units
	Statements []Statement
	TxMode     TxMode

	text      string
	style     style
	perFolder bool
}

var _ migrate.File = (*File)(nil)

// TxMode says how a file wants to be run, "" if it does not say.
type TxMode string

// What a file may ask for with the directive atlas:txmode.
const (
	TxNone TxMode = "none" // in no transaction
	TxFile TxMode = "file" // in a transaction of its own
	TxAll  TxMode = "all"  // in one transaction with the files around it
)

// txMode reads the directive among the comments at the top of a file. Atlas
// wants an empty line below them; we do not insist.
func txMode(path, text string) (TxMode, error) {
	var header strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "--") {
			header.WriteString(line + "\n")
		} else if line != "" {
			break
		}
	}
	directives := migrate.NewLocalFile(path, []byte(header.String())).Directive("txmode")
	if len(directives) == 0 {
		if asksForNoTx(text) {
			return TxNone, nil
		}
		return "", nil
	}
	switch mode := TxMode(strings.TrimSpace(directives[0])); mode {
	case TxNone, TxFile, TxAll:
		return mode, nil
	default:
		return "", refuse("%s: atlas:txmode %q is unknown; use none, file or all", quote(path), string(mode))
	}
}

// Name returns the path: names are unique over the folders of a history.
func (f *File) Name() string { return f.Path }

// Desc returns the title.
func (f *File) Desc() string { return f.Title }

// Version identifies the file among all the others: its number, with the
// phase before it where folders restart their numbers.
func (f *File) Version() string {
	if f.perFolder && f.Phase != "" {
		return f.Phase + "/" + string(f.Number)
	}
	return string(f.Number)
}

// Bytes returns the text: UTF-8, no byte order mark, \n between lines.
func (f *File) Bytes() []byte { return []byte(f.text) }

// Stmts returns the texts of the statements. As migrate.File has no place for
// the rows of a COPY, a file that brings some is refused here.
func (f *File) Stmts() ([]string, error) {
	decls, err := f.StmtDecls()
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(decls))
	for i, d := range decls {
		texts[i] = d.Text
	}
	return texts, nil
}

// StmtDecls returns the statements as Atlas has them; see Stmts for COPY.
func (f *File) StmtDecls() ([]*migrate.Stmt, error) {
	decls := make([]*migrate.Stmt, len(f.Statements))
	for i, s := range f.Statements {
		if s.Copy != nil {
			return nil, fmt.Errorf("cannot run %s:%d with Atlas: it has no COPY … FROM STDIN; use INSERT", quote(f.Path), s.Line)
		}
		decls[i] = &migrate.Stmt{Pos: s.Offset, Text: s.Text, Comments: s.Comments}
	}
	return decls, nil
}
