package catalog_test

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// A live database is read as it is. Nothing in it is changed.
func ExampleRead() {
	ctx := context.Background()
	url, drop := scratch(ctx, "create table units (id int primary key); comment on table units is 'What is let'")
	defer drop()

	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		panic(err)
	}
	defer conn.Close(ctx)
	snap, err := catalog.Read(ctx, conn.PgConn(), kinds.All)
	if err != nil {
		panic(err)
	}
	column := snap.Objects[schema.ID{Kind: "column", Name: "public.units.id"}]
	fmt.Println(column.ID, column.Get("type"), column.Parent)
	// Output:
	// column public.units.id integer table public.units
}

// scratch makes a database for an example.
func scratch(ctx context.Context, sql string) (url string, drop func()) {
	server, err := devserver.Start(ctx, devserver.Config{})
	if err != nil {
		panic(err)
	}
	db, err := server.Create(ctx, devserver.Locale{})
	if err != nil {
		panic(err)
	}
	conn, err := pgx.Connect(ctx, db.URL())
	if err != nil {
		panic(err)
	}
	defer conn.Close(ctx)
	if err := conn.PgConn().Exec(ctx, sql).Close(); err != nil {
		panic(err)
	}
	return db.URL(), func() { server.Close() }
}
