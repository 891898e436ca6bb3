package selftest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/catalog"
	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/schema"
)

// A Verdict says what came of a class.
type Verdict string

// The verdicts.
const (
	Caught   Verdict = "caught"
	Missed   Verdict = "MISSED"
	LeftOut  Verdict = "left out"               // seen, but the settings leave it out
	Nothing  Verdict = "nothing to change here" // the database has no such object, or none that can be changed
	Untried  Verdict = "could not be tried"     // plumb may not change it
	Unlooked Verdict = "not compared"           // beyond what is claimed of this database
)

// An Outcome is what came of a class.
type Outcome struct {
	Class   string
	Verdict Verdict
	Victim  schema.ID // what was changed, or what it is a part of
	SQL     string    // what changed it
	Note    string    // what was found, or why nothing was
}

// A Gate is the comparison that is put to the test: it says in a line what it
// found between two states, "" for nothing.
type Gate func(before, after *schema.Snapshot) string

// A Test tries classes on a scratch database, which is as it was afterwards.
type Test struct {
	Conn  *pgx.Conn
	Kinds schema.Kinds
	Seeds []catalog.Seed
	Gate  Gate
	// Compared holds the objects that the gate looks at; one of them is
	// changed if there is one.
	Compared map[schema.ID]*schema.Object
}

// Run tries the classes one by one.
func (t *Test) Run(ctx context.Context, classes []Class) ([]Outcome, error) {
	before, err := t.read(ctx)
	if err != nil {
		return nil, err
	}
	if found := t.Gate(before, before); found != "" {
		return nil, fmt.Errorf("cannot test a comparison that finds a difference between a state and itself: %s", found)
	}
	var out []Outcome
	for _, c := range classes {
		o, err := t.class(ctx, c, before)
		if err != nil {
			return nil, fmt.Errorf("cannot try %q: %w", c.Name, err)
		}
		out = append(out, o)
	}
	return out, nil
}

// read reads the scratch database in a transaction, as it is read later on.
func (t *Test) read(ctx context.Context) (snap *schema.Snapshot, err error) {
	err = pgx.BeginFunc(ctx, t.Conn, func(pgx.Tx) error {
		snap, err = catalog.ReadWithin(ctx, t.Conn.PgConn(), t.Kinds, t.Seeds)
		return err
	})
	return snap, err
}

// A victim is something that can be changed, and the statements that do it.
type victim struct {
	id  schema.ID
	sql string
}

// class changes the first victim that the server lets it change, asks the
// gate, and takes it back.
func (t *Test) class(ctx context.Context, c Class, before *schema.Snapshot) (Outcome, error) {
	out := Outcome{Class: c.Name}
	tx, err := t.Conn.Begin(ctx)
	if err != nil {
		return out, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	victims, err := t.victims(ctx, c)
	if err != nil {
		return out, err
	}
	switch {
	case len(victims) == 0 && c.Beyond != "":
		out.Verdict, out.Note = Unlooked, c.Beyond
		return out, nil
	case len(victims) == 0:
		out.Verdict = Nothing
		return out, nil
	}
	v, refused, err := t.change(ctx, victims)
	if err != nil {
		return out, err
	}
	out.Victim, out.SQL = v.id, v.sql
	if refused != nil {
		out.Verdict, out.Note = Nothing, "the server refuses: "+refused.Message
		if refused.Code == "42501" || refused.Code == "42601" { // a right that is lacking, or a mistake of the class
			out.Verdict = Untried
		}
		return out, nil
	}
	after, err := catalog.ReadWithin(ctx, t.Conn.PgConn(), t.Kinds, t.Seeds)
	if err != nil {
		return out, err
	}
	out.Verdict, out.Note = t.judge(before, after)
	return out, nil
}

// judge asks the gate, and where it finds nothing, whether there is anything.
func (t *Test) judge(before, after *schema.Snapshot) (Verdict, string) {
	if found := t.Gate(before, after); found != "" {
		return Caught, found
	}
	if changes := diff.Compare(before, after, t.Kinds); len(changes) > 0 {
		return LeftOut, changes[0].ID().String() + " is left out by the settings, or accepted in advance"
	}
	return Missed, ""
}

// most is how many victims are tried before the server's refusal is believed.
const most = 30

// change changes the first of the victims that can be changed.
func (t *Test) change(ctx context.Context, victims []victim) (victim, *pgconn.PgError, error) {
	var first *pgconn.PgError
	for _, v := range victims[:min(most, len(victims))] {
		err := t.Conn.PgConn().Exec(ctx, "SAVEPOINT victim; "+v.sql).Close()
		if err == nil {
			return v, nil, nil
		}
		var pg *pgconn.PgError
		if !errors.As(err, &pg) {
			return v, nil, err
		}
		if first == nil {
			first = pg
		}
		if err := t.Conn.PgConn().Exec(ctx, "ROLLBACK TO SAVEPOINT victim").Close(); err != nil {
			return v, nil, err
		}
	}
	return victims[0], first, nil
}

// victims lists what can be changed: what is compared goes first.
func (t *Test) victims(ctx context.Context, c Class) ([]victim, error) {
	if err := t.Conn.PgConn().Exec(ctx, "SET LOCAL search_path = ''; SET LOCAL check_function_bodies = off").Close(); err != nil {
		return nil, err
	}
	seeds, err := json.Marshal(append([]catalog.Seed{}, t.Seeds...))
	if err != nil {
		return nil, err
	}
	rows, err := t.Conn.Query(ctx, common+"SELECT q.kind, q.name, q.sql FROM ("+c.Query+") q(kind, name, sql) ORDER BY 2, 3", pgx.QueryExecModeExec, string(seeds))
	if err != nil {
		return nil, err
	}
	var compared, others []victim
	var v victim
	_, err = pgx.ForEachRow(rows, []any{&v.id.Kind, &v.id.Name, &v.sql}, func() error {
		if t.Compared[v.id] != nil {
			compared = append(compared, v)
		} else {
			others = append(others, v)
		}
		return nil
	})
	return append(compared, others...), err
}
