package history_test

import (
	"fmt"
	"testing/fstest"
	"time"

	"github.com/tvl-platform/plumb/history"
)

func Example() {
	folder := fstest.MapFS{
		"mvp.0/001_users.sql":     {Data: []byte("create table users (id int);")},
		"mvp.0/002_names.sql":     {Data: []byte("alter table users add name text;\n\ncomment on table users is 'It; works';")},
		"mvp.1/003_countries.sql": {Data: []byte("copy countries from stdin;\nNL\nBE\n\\.\n")},
	}
	h, err := history.Read(folder, history.Layout{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range h.Migrations {
		for _, s := range f.Statements {
			fmt.Printf("%s:%d %s %q\n", f.Path, s.Line, s.Text, s.Copy)
		}
	}
	next, err := h.NextPath("", "Add roles", time.Now())
	fmt.Println(next, err)
	_, err = h.UpTo("v1")
	fmt.Println(err)
	// Output:
	// mvp.0/001_users.sql:1 create table users (id int); ""
	// mvp.0/002_names.sql:1 alter table users add name text; ""
	// mvp.0/002_names.sql:3 comment on table users is 'It; works'; ""
	// mvp.1/003_countries.sql:1 copy countries from stdin; "NL\nBE\n"
	// mvp.1/004_add_roles.sql <nil>
	// cannot find version "v1" in the migrations: there are phases mvp.0, mvp.1 and numbers 001 to 003
}
