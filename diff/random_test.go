package diff_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
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
	"github.com/tvl-platform/plumb/schema"
)

// TestRandom checks the laws of a migration on pairs of random schemas: there
// is nothing to do from a schema to itself; from one to the other, and back,
// the plan leads there, keeps what it does not say that it loses, and pg_dump
// agrees; and shuffled input gives the same bytes. A failure is made small and printed as a case.
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
			t.Logf("%d pairs from seed %d; the server took %d of %d elements; %d schemas could be made in another order", r.pairs, first, r.taken, r.elements, r.reordered)
		})
	}
}

// trials tries pairs on a server.
type trials struct {
	t                      *testing.T
	server                 *devserver.Server
	pairs, taken, elements int
	reordered              int // schemas that were the same when built in another order
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

// steady wants the same plan whatever order things arrive in, and nothing to do
// from a schema to itself.
func (r *trials) steady(from, to *specimen) error {
	want, err := planned(from.Snapshot, to.Snapshot)
	if err != nil {
		return err
	}
	others := []*schema.Snapshot{shuffled(from.Snapshot), shuffled(to.Snapshot), shuffled(from.Snapshot), shuffled(to.Snapshot)}
	for _, s := range []*specimen{from, to} {
		other, err := r.reorder(s)
		if err != nil {
			return err
		}
		others = append(others, other)
	}
	for i := 0; i < len(others); i += 2 {
		got, err := planned(others[i], others[i+1])
		if err != nil {
			return err
		}
		if got != want {
			return &dbtest.Broken{Law: "the plan is another for shuffled input", Cause: fmt.Errorf("%s\nand then\n%s", want, got)}
		}
	}
	again, err := dbtest.Read(context.Background(), from.Database, kinds.All)
	if err != nil {
		return err
	}
	self, err := diff.MakePlan(from.Snapshot, again, kinds.All)
	if err != nil || len(self.Steps) > 0 {
		return &dbtest.Broken{Law: "there is something to do from a schema to itself", Cause: fmt.Errorf("%v %s", err, dbtest.Script(self))}
	}
	return nil
}

// planned is a plan with all that it says.
func planned(from, to *schema.Snapshot) (string, error) {
	plan, err := diff.MakePlan(from, to, kinds.All)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s\n%+v", dbtest.Script(plan), *plan), nil
}

// shuffled is a snapshot whose objects and lists are in another order.
func shuffled(s *schema.Snapshot) *schema.Snapshot {
	mix := func(list []schema.ID) []schema.ID {
		out := slices.Clone(list)
		rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		return out
	}
	out := *s
	out.Objects = map[schema.ID]*schema.Object{}
	for _, id := range mix(slices.Collect(maps.Keys(s.Objects))) {
		o := *s.Objects[id]
		o.Needs, o.With = mix(o.Needs), mix(o.With)
		out.Objects[id] = &o
	}
	return &out
}

// reorder builds a schema once more, in another order, so that all that the
// server numbers has other numbers. Where it is not the same schema then, since
// a name was taken or columns came in another order, the first is returned.
func (r *trials) reorder(s *specimen) (*schema.Snapshot, error) {
	waiting := slices.Clone(s.script)
	slices.Reverse(waiting)
	other, err := r.make(waiting, true)
	if err != nil {
		return nil, err
	}
	defer other.drop()
	if !same(s.Snapshot, other.Snapshot) {
		return s.Snapshot, nil
	}
	r.reordered++
	return other.Snapshot, nil
}

// same reports whether two snapshots hold the same, numbers and needs and all: a
// foreign key refers to that of two equal keys which the server found first.
func same(a, b *schema.Snapshot) bool {
	if len(a.Objects) != len(b.Objects) {
		return false
	}
	for id, o := range a.Objects {
		p := b.Objects[id]
		if p == nil || o.Order != p.Order || !slices.Equal(o.Attrs.Values, p.Attrs.Values) || !slices.Equal(o.Needs, p.Needs) || !slices.Equal(o.With, p.With) {
			return false
		}
	}
	return true
}

// A specimen is a random schema in a database.
type specimen struct {
	dbtest.State
	script []string // what the server took
}

func (b *specimen) drop() { _ = b.Drop(context.Background()) }

// build makes a database of those statements that the server takes.
func (r *trials) build(statements []random.Statement) (*specimen, error) {
	var list []string
	for _, s := range statements {
		list = append(list, s.SQL)
	}
	out, err := r.make(list, false)
	if err == nil {
		r.elements, r.taken = r.elements+len(list), r.taken+len(out.script)
	}
	return out, err
}

// make does so; again has it come back to what the server has refused, as long
// as that helps.
func (r *trials) make(statements []string, again bool) (*specimen, error) {
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
	for len(statements) > 0 {
		var refused []string
		for _, sql := range statements {
			if err := conn.PgConn().Exec(ctx, sql).Close(); err == nil {
				out.script = append(out.script, sql)
			} else {
				refused = append(refused, sql)
				if os.Getenv("PLUMB_REFUSED") != "" {
					r.t.Logf("%v\n%s", err, sql)
				}
			}
		}
		if !again || len(refused) == len(statements) {
			break
		}
		statements = refused
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
