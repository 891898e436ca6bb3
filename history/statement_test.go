package history

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitStatements(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"one after the other":                {"select 1; select 2;\nselect 3", []string{"select 1;", "select 2;", "select 3"}},
		"empty statements are none":          {";;\n; select 1;;", []string{"select 1;"}},
		"comments between are left out":      {"-- a;\n/* b; */ select 1; -- c;\n-- it's the end", []string{"select 1;"}},
		"comments inside are kept":           {"select 1 -- it's;\n, 2 /* ; */;", []string{"select 1 -- it's;\n, 2 /* ; */;"}},
		"comments nest":                      {"/* a /* b; */ c; */ select 1 /* /* ' */ ; */;", []string{"select 1 /* /* ' */ ; */;"}},
		"a lone \\r ends a comment":          {"-- a\rselect 1;", []string{"select 1;"}},
		"strings":                            {`select 'a;''b', '\'; select 2;`, []string{`select 'a;''b', '\';`, "select 2;"}},
		"strings with escapes":               {`select E'it\'s;', e'\\'; select E'a''\';';`, []string{`select E'it\'s;', e'\\';`, `select E'a''\';';`}},
		"a string with escapes in two parts": {"select E'a'\n  '\\';'; select 2;", []string{"select E'a'\n  '\\';';", "select 2;"}},
		"a word that ends in e":              {`select 1 where 'a' like'\'; select 2;`, []string{`select 1 where 'a' like'\';`, "select 2;"}},
		"quoted names":                       {`select 1 as "a;""b"; select 2 as "'";`, []string{`select 1 as "a;""b";`, `select 2 as "'";`}},
		"dollar quotes":                      {"do $$ begin; 'x end $$; select $a$ $$;' $a$; select $$$$;", []string{"do $$ begin; 'x end $$;", "select $a$ $$;' $a$;", "select $$$$;"}},
		"dollar quotes in any script":        {"select $тег$ ; $тег$; select 2;", []string{"select $тег$ ; $тег$;", "select 2;"}},
		"dollars in names and parameters":    {"select a$b$c; select d$b$e; select $1;", []string{"select a$b$c;", "select d$b$e;", "select $1;"}},
		"an operator with a backtick":        {"select 1 ` 2; select 3;", []string{"select 1 ` 2;", "select 3;"}},
		"a word that MySQL knows":            {"delimiter // ; select 1;", []string{"delimiter // ;", "select 1;"}},
		"a rule with several commands":       {"create rule r as on insert to t do (a; b); select 1;", []string{"create rule r as on insert to t do (a; b);", "select 1;"}},
		"transactions are statements":        {"BEGIN; select 1; END; begin transaction; select 2; end;\nbegin\n; commit;", []string{"BEGIN;", "select 1;", "END;", "begin transaction;", "select 2;", "end;", "begin\n;", "commit;"}},
		"BEGIN ATOMIC is one": {
			"create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3;",
			[]string{"create function f() returns int begin atomic select case when true then 1 end; select 2; end;", "select 3;"}},
		"BEGIN ATOMIC with nothing in it": {
			"create procedure p() begin atomic end; select 3;",
			[]string{"create procedure p() begin atomic end;", "select 3;"}},
		"BEGIN ATOMIC with comments around": {
			"create procedure p() begin/* ; */atomic-- ;\nselect 1; /* end; */ end; select 3;",
			[]string{"create procedure p() begin/* ; */atomic-- ;\nselect 1; /* end; */ end;", "select 3;"}},
		"psql's commands are only text in a body": {"do $$\n\\d\n$$;", []string{"do $$\n\\d\n$$;"}},
		"pg_dump's pair is passed over":           {"\\restrict Abc1\n\nselect 1;\n\n\\unrestrict Abc1\n", []string{"select 1;"}},
		"Atlas's delimiter":                       {"-- atlas:delimiter \\n\\n\nselect 1;\nselect 2\n\nselect 3;", []string{"select 1;\nselect 2", "select 3;"}},
		"goose goes up":                           {"-- +goose Up\nselect 1;\n\n-- +goose Down\nselect 'never;\n", []string{"select 1;"}},
		"dbmate goes up":                          {"-- migrate:down\nselect 2;\n-- migrate:up\nselect 1;\n", []string{"select 1;"}},
		"tern goes up":                            {"select 1;\n\n---- create above / drop below ----\n\nselect 'never;\n", []string{"select 1;"}},
		"node-pg-migrate goes up":                 {"-- Up Migration\nselect 1;\n-- Down Migration\nselect 2;\n", []string{"select 1;"}},
		"a mere title":                            {"-- Down migration of 7\nselect 1;\n", []string{"select 1;"}},
	} {
		t.Run(name, func(t *testing.T) {
			stmts, err := SplitStatements("a.sql", test.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range stmts {
				got = append(got, s.Text)
				if test.text[s.Offset:][:len(s.Text)] != s.Text {
					t.Errorf("%q is not at offset %d", s.Text, s.Offset)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCopyTakesTheRowsBelow(t *testing.T) {
	text := `copy t (a, b) from stdin;
1	it's;
\N	\\.
\.
select 1; COPY u FROM /* here */ STDIN (format csv); select 2; copy v from stdin;
2,"a
b"
\.
\.
copy t to stdout; select a from stdin;
copy w from stdin where a > 1;
3`
	stmts, err := SplitStatements("a.sql", text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range stmts {
		rows := "no rows"
		if s.Copy != nil {
			rows = fmt.Sprintf("rows %q", s.Copy)
		}
		got = append(got, fmt.Sprintf("%d:%d %s %s", s.Line, s.Column, s.Text, rows))
	}
	want := []string{
		`1:1 copy t (a, b) from stdin; rows "1\tit's;\n\\N\t\\\\.\n"`,
		`5:1 select 1; no rows`,
		`5:11 COPY u FROM /* here */ STDIN (format csv); rows "2,\"a\nb\"\n"`,
		`5:54 select 2; no rows`,
		`5:64 copy v from stdin; rows ""`,
		`10:1 copy t to stdout; no rows`,
		`10:19 select a from stdin; no rows`,
		`11:1 copy w from stdin where a > 1; rows "3"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPosition(t *testing.T) {
	text := "-- ä\n  select 'ö', x\n  from t;"
	stmts, err := SplitStatements("a.sql", text)
	if err != nil {
		t.Fatal(err)
	}
	s := stmts[0]
	for _, at := range []struct{ pos, line, column int }{
		{1, 2, 3},   // select
		{8, 2, 10},  // 'ö'
		{13, 2, 15}, // x
		{15, 3, 1},
		{17, 3, 3}, // from
		{0, 2, 3},
		{99, 2, 3},
	} {
		if line, column := s.Position(at.pos); line != at.line || column != at.column {
			t.Errorf("character %d is at %d:%d, want %d:%d", at.pos, line, column, at.line, at.column)
		}
	}
}

func TestDirective(t *testing.T) {
	stmts, err := SplitStatements("a.sql", "select 1;\n\n-- atlas:nolint drop\nselect 2;")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"drop"}, stmts[1].Directive("nolint")); diff != "" {
		t.Error(diff)
	}
}

// Whatever the text, statements come in order, are where they say, and leave
// out only what is no SQL: spaces, comments, semicolons, COPY's rows.
func FuzzSplitStatements(f *testing.F) {
	for _, seed := range []string{
		"select 1; select 2", "-- a\n/* /* */ */ select E'\\'' ;", "copy t from stdin;\n1\n\\.\nselect $a$;$a$",
		"create function f() begin atomic; select 1; end;", "\uFEFFselect 'ä';\r\n", "-- atlas:delimiter x\nselect 1x",
		"\\restrict a\nselect (1;2)", "-- +goose Down\n'\n-- +goose Up\ncopy a from stdin;copy b from stdin;\n\n\\.\n",
		"begin atomic begin atomic end end;", "/*/M*/", "delimiter ;\ndelimiter", "select \"a\"\"b\", a$b$, $1$ `",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		stmts, err := SplitStatements("a.sql", raw)
		if err != nil {
			return
		}
		text, err := decode("a.sql", raw)
		if err != nil {
			t.Fatal(err)
		}
		masked, _, err := mask("a.sql", text)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, s := range stmts {
			if s.Offset < at || text[s.Offset:][:len(s.Text)] != s.Text {
				t.Fatalf("%q is not at %d, after %d", s.Text, s.Offset, at)
			}
			if line, column := lineColumn(text, s.Offset); s.Line != line || s.Column != column {
				t.Fatalf("%q is at %d:%d, not %d:%d", s.Text, line, column, s.Line, s.Column)
			}
			left(t, text, masked[at:s.Offset])
			at = s.Offset + len(s.Text)
		}
		left(t, text, masked[at:])
	})
}

// left checks that what lies between two statements is no SQL.
func left(t *testing.T, text, between string) {
	if strings.HasPrefix(text, "-- atlas:delimiter") {
		return
	}
	for between = strings.TrimSpace(between); between != ""; between = strings.TrimSpace(between) {
		end := ""
		switch {
		case strings.HasPrefix(between, "--"):
			end = "\n"
		case strings.HasPrefix(between, "/*"):
			end = "*/"
		case strings.HasPrefix(between, ";"):
			end = ";"
		default:
			t.Fatalf("%q is lost", between)
		}
		_, between, _ = strings.Cut(strings.TrimPrefix(between, "/*"), end)
	}
}
