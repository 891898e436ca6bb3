package diff_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/diff"
	"github.com/tvl-platform/plumb/internal/dbtest"
	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/internal/random"
	"github.com/tvl-platform/plumb/kinds"
)

// TestRandom checks the laws of a migration on pairs of random schemas: there
// is nothing to do from a schema to itself; from one to the other, and back,
// the plan leads there, keeps what it does not say that it loses, and pg_dump
// agrees; and the same input gives the same bytes. A failure is made small and printed as a case.
//
// It takes ten seconds at most, always with the seeds 1 and 2, so that what it
// says does not depend on the machine's speed. PLUMB_RANDOM
// ("1m") has it take longer, with seeds that differ each time; PLUMB_SEED ("17")
// runs one seed, PLUMB_MAJOR ("15") one major.
func TestRandom(t *testing.T) {
	budget := 10 * time.Second
	if testing.Short() {
		budget = 3 * time.Second
	}
	first, last := uint64(1), uint64(2)
	if d, err := time.ParseDuration(os.Getenv("PLUMB_RANDOM")); err == nil {
		budget, first, last = d, uint64(time.Now().UnixMicro()%1_000_000_000), math.MaxUint64
	}
	majors := dbtest.All
	if n, err := strconv.Atoi(os.Getenv("PLUMB_MAJOR")); err == nil {
		majors = []int{n}
	}
	for _, major := range majors {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			r := newTrials(t, major)
			if n, err := strconv.ParseUint(os.Getenv("PLUMB_SEED"), 10, 64); err == nil {
				r.run(n)
				return
			}
			end := time.Now().Add(budget / time.Duration(len(majors)))
			for seed := first; seed <= last && time.Now().Before(end); seed++ {
				r.run(seed)
			}
			t.Logf("%d pairs from seed %d; the server took %d of %d elements", r.pairs, first, r.taken, r.elements)
		})
	}
}

// trials tries pairs on a server.
type trials struct {
	t                      *testing.T
	server                 *devserver.Server
	pairs, taken, elements int
}

func newTrials(t *testing.T, major int) *trials {
	r := &trials{t: t, server: pool.Server(t, major)}
	(&testCase{roles: random.Roles}).makeRoles(t, r.server)
	return r
}

// run checks the pair of a seed and makes it small if it fails.
func (r *trials) run(seed uint64) {
	p := random.NewPair(seed, r.server.Major())
	err := r.check(p, false)
	r.pairs++
	if err == nil {
		return
	}
	var back *backwards
	if errors.As(err, &back) {
		p.From, p.To = p.To, p.From
	}
	deadline := time.Now().Add(2 * time.Minute)
	small := random.Shrink(p, func(q random.Pair) bool {
		return time.Now().Before(deadline) && alike(err, r.check(q, true))
	})
	err = cmp.Or(r.check(small, true), err)
	r.t.Errorf("seed %d on PostgreSQL %d: %v\n%s", seed, r.server.Major(), err, r.archive(small))
}

// alike reports whether two errors break the same law in the same way.
func alike(a, b error) bool {
	var x, y *dbtest.Broken
	if !errors.As(a, &x) || !errors.As(b, &y) {
		return a != nil && b != nil && x == nil && y == nil
	}
	return x.Law == y.Law && code(a) == code(b)
}

// code is the server's code for an error.
func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// backwards is an error on the way from To to From.
type backwards struct{ error }

func (b *backwards) Unwrap() error { return b.error }

// check wants all laws to hold for a pair.
func (r *trials) check(p random.Pair, oneWay bool) error {
	from, err := r.build(p.From.Statements())
	if err != nil {
		return err
	}
	defer from.drop()
	to, err := r.build(p.To.Statements())
	if err != nil {
		return err
	}
	defer to.drop()
	if err := r.migrate(from, to); err != nil {
		return err
	}
	if oneWay {
		return r.steady(from, to)
	}
	if err := r.migrate(to, from); err != nil {
		return &backwards{err}
	}
	return r.steady(from, to)
}

// migrate wants the laws of a migration to hold. Where rows keep the plan from
// being run, as a NULL does a column from becoming NOT NULL, it goes without.
func (r *trials) migrate(from, to *specimen) error {
	_, err := dbtest.Migrate(context.Background(), r.server, from.State, to.State)
	if c := code(err); strings.HasPrefix(c, "22") || strings.HasPrefix(c, "23") || c == "42804" {
		_, empty := dbtest.MigrateEmpty(context.Background(), r.server, from.State, to.State)
		return empty
	}
	return err
}

// steady wants the same plan each time, and nothing to do from a schema to itself.
func (r *trials) steady(from, to *specimen) error {
	a := from.Snapshot
	var scripts []string
	for range 3 {
		plan, err := diff.MakePlan(a, to.Snapshot, kinds.All)
		if err != nil {
			return err
		}
		scripts = append(scripts, dbtest.Script(plan))
	}
	if scripts[0] != scripts[1] || scripts[0] != scripts[2] {
		return &dbtest.Broken{Law: "the plan is another each time", Cause: fmt.Errorf("%s\nand then\n%s", scripts[0], scripts[1])}
	}
	again, err := dbtest.Read(context.Background(), from.Database, kinds.All)
	if err != nil {
		return err
	}
	self, err := diff.MakePlan(a, again, kinds.All)
	if err != nil || len(self.Steps) > 0 {
		return &dbtest.Broken{Law: "there is something to do from a schema to itself", Cause: fmt.Errorf("%v %s", err, dbtest.Script(self))}
	}
	return nil
}

// A specimen is a random schema in a database.
type specimen struct {
	dbtest.State
	script []string // what the server took
}

func (b *specimen) drop() { _ = b.Drop(context.Background()) }

// build makes a database of those statements that the server takes.
func (r *trials) build(statements []random.Statement) (*specimen, error) {
	ctx := context.Background()
	db, err := r.server.Create(ctx, devserver.Locale{})
	if err != nil {
		return nil, err
	}
	conn, err := db.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	if err := conn.PgConn().Exec(ctx, "SET check_function_bodies = off").Close(); err != nil {
		return nil, err
	}
	out := &specimen{}
	for _, s := range statements {
		r.elements++
		err := conn.PgConn().Exec(ctx, s.SQL).Close()
		if err == nil {
			r.taken++
			out.script = append(out.script, s.SQL)
		} else if os.Getenv("PLUMB_REFUSED") != "" {
			r.t.Logf("%v\n%s", err, s.SQL)
		}
	}
	if out.State, err = dbtest.Look(ctx, db); err != nil {
		return nil, errors.Join(err, db.Drop(ctx))
	}
	return out, nil
}

// archive writes a pair as a case for testdata/diff.
func (r *trials) archive(p random.Pair) string {
	var out strings.Builder
	out.WriteString("roles: " + strings.Join(random.Roles, " ") + "\n")
	for name, s := range map[string]*random.Schema{"from.sql": p.From, "to.sql": p.To} {
		b, err := r.build(s.Statements())
		if err != nil {
			return err.Error()
		}
		defer b.drop()
		out.WriteString("-- " + name + " --\n" + strings.Join(append(b.script, ""), ";\n"))
	}
	return out.String()
}
