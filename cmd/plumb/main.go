// Command plumb compares PostgreSQL schemas with numbered migration folders.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

func main() {
	ctx := context.Background()
	var snaps []*schema.Snapshot
	for _, u := range []string{os.Args[3], os.Args[5]} {
		conn, err := pgconn.Connect(ctx, u)
		if err != nil {
			fatal(err)
		}
		s, err := catalog.Read(ctx, conn, kinds.All)
		if err != nil {
			fatal(err)
		}
		snaps = append(snaps, s)
	}
	p, err := diff.MakePlan(snaps[0], snaps[1], kinds.All)
	if err != nil {
		fatal(err)
	}
	for _, s := range p.Settings {
		fmt.Println("SET " + s + ";")
	}
	for _, s := range p.Statements() {
		fmt.Println(s + ";")
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "plumb:", err)
	os.Exit(1)
}
