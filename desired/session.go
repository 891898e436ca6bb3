package desired

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/devserver"
)

// A session replays scripts into one database. Every script finds the session
// as new.
type session struct {
	db   *devserver.Database
	conn *pgconn.PgConn
	// settings sums up the settings of databases and roles. A change takes
	// effect in new sessions only, so there has to be one.
	settings string
	tracer   *tracer // nil unless the statements are traced
}

// pinned is what a session begins with and what RESET ALL goes back to. Bodies
// of functions are not checked: the server tracks no dependencies for them, so
// what they name may well come later.
var pinned = map[string]string{
	"client_encoding":       "UTF8",
	"check_function_bodies": "off",
	"application_name":      "plumb",
	"client_min_messages":   "warning",
}

func openSession(ctx context.Context, db *devserver.Database) (*session, error) {
	s := &session{db: db}
	return s, s.connect(ctx)
}

func (s *session) connect(ctx context.Context) error {
	cfg := s.db.Config()
	for name, value := range pinned {
		cfg.RuntimeParams[name] = value
	}
	conn, err := pgconn.ConnectConfig(ctx, &cfg.Config)
	if err != nil {
		return fmt.Errorf("cannot connect to throw-away database %s: %w", s.db.Name, err)
	}
	s.conn = conn
	return nil
}

func (s *session) close() { _ = s.conn.Close(context.Background()) }

// leave ends what a script has done to its session, and sums up the settings.
var leave = []string{
	"DISCARD ALL",
	`SELECT pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat(s.*), ',' ORDER BY s.setdatabase, s.setrole)) FROM pg_catalog.pg_db_role_setting s`,
}

// run replays a script statement by statement as psql would, each in its own
// transaction unless the script opens one or asks for one.
func (s *session) run(ctx context.Context, script Script) error {
	inTx := script.TxMode == history.TxFile || script.TxMode == history.TxAll
	if inTx {
		if err := s.exec(ctx, "BEGIN"); err != nil {
			return err
		}
	}
	if err := s.statements(ctx, script); err != nil {
		return err
	}
	if inTx {
		if err := s.exec(ctx, "COMMIT"); err != nil {
			return s.failed(script, len(script.Statements)-1, err)
		}
	}
	if s.conn.TxStatus() != 'I' {
		return fmt.Errorf("cannot replay %s: it begins a transaction and does not end it; add COMMIT at its end", script.Path)
	}
	values, errs := pipeline(ctx, s.conn, leave)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot reset the session after %s: %w", script.Path, err)
	}
	if values[1] == s.settings {
		return nil
	}
	s.settings = values[1]
	s.close()
	return s.connect(ctx)
}

// statements sends a script in as few round trips as its COPYs allow.
func (s *session) statements(ctx context.Context, script Script) error {
	const most = 500
	for at := 0; at < len(script.Statements) && s.tracer == nil; {
		if st := script.Statements[at]; isCopy(st) {
			if err := RunStatement(ctx, s.conn, st); err != nil {
				return s.failed(script, at, err)
			}
			at++
			continue
		}
		var texts []string
		for _, st := range script.Statements[at:] {
			if isCopy(st) || len(texts) == most {
				break
			}
			texts = append(texts, st.Text)
		}
		if err := s.batch(ctx, script, at, texts); err != nil {
			return err
		}
		at += len(texts)
	}
	if s.tracer != nil {
		return s.traced(ctx, script)
	}
	return nil
}

// traced sends a script statement by statement, and notes what each has written.
func (s *session) traced(ctx context.Context, script Script) error {
	if err := s.tracer.prepare(ctx, s.conn); err != nil {
		return err
	}
	for at, st := range script.Statements {
		if err := s.tracer.run(ctx, s.conn, script.Path, st); err != nil {
			return s.failed(script, at, err)
		}
	}
	return nil
}

var copyWord = regexp.MustCompile(`(?i)^\s*copy\s`)

// isCopy reports whether a statement may make rows flow beside the pipeline.
func isCopy(st history.Statement) bool { return st.Copy != nil || copyWord.MatchString(st.Text) }

// RunStatement runs one statement, a COPY with the rows that the script has for
// it; what it returns is of no interest.
func RunStatement(ctx context.Context, conn *pgconn.PgConn, st history.Statement) (err error) {
	switch {
	case st.Copy != nil:
		_, err = conn.CopyFrom(ctx, bytes.NewReader(st.Copy), st.Text)
	case isCopy(st):
		_, err = conn.CopyTo(ctx, io.Discard, st.Text)
	default:
		_, err = conn.ExecParams(ctx, st.Text, nil, nil, nil, nil).Close()
	}
	return err
}

// batch sends some statements at once. The server goes on after one that
// failed, so whatever it says later is of no interest, but for the roles that
// it misses.
func (s *session) batch(ctx context.Context, script Script, at int, texts []string) error {
	_, errs := pipeline(ctx, s.conn, texts)
	first := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if first < 0 {
		return nil
	}
	err := s.failed(script, at+first, errs[first])
	var failed *StatementError
	if errors.As(err, &failed) && len(failed.roles) > 0 {
		for _, later := range errs[first+1:] {
			var pg *pgconn.PgError
			if errors.As(later, &pg) && missingRole(pg) != "" {
				failed.roles = append(failed.roles, missingRole(pg))
			}
		}
	}
	return err
}

// failed says which statement of a script failed.
func (s *session) failed(script Script, at int, err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		st := script.Statements[at]
		return fmt.Errorf("cannot replay %s:%d: %w", script.Path, st.Line, err)
	}
	e := &StatementError{Path: script.Path, Statement: script.Statements[at], Server: pg}
	if role := missingRole(pg); role != "" {
		e.roles = []string{role}
	}
	return e
}

func (s *session) exec(ctx context.Context, sql string) error {
	return s.conn.Exec(ctx, sql).Close()
}

// pipeline sends statements in one go, each to be committed by itself, and
// returns for each the first value that it returned, or its error.
func pipeline(ctx context.Context, conn *pgconn.PgConn, texts []string) (values []string, errs []error) {
	values, errs = make([]string, len(texts)), make([]error, len(texts))
	p := conn.StartPipeline(ctx)
	for _, text := range texts {
		p.SendQueryParams(text, nil, nil, nil, nil)
		p.SendPipelineSync()
	}
	defer p.Close()
	if err := p.Flush(); err != nil {
		errs[0] = err
		return values, errs
	}
	for i := 0; i < len(texts); {
		got, err := p.GetResults()
		var pg *pgconn.PgError
		switch r := got.(type) {
		case *pgconn.ResultReader:
			if r.NextRow() && len(r.Values()) > 0 {
				values[i] = string(r.Values()[0])
			}
			_, err = r.Close()
		case *pgconn.PipelineSync:
			i++
			continue
		case nil:
			if err == nil {
				err = errors.New("the server closed the connection")
			}
		}
		if err != nil && errs[i] == nil {
			errs[i] = err
		}
		if err != nil && (!errors.As(err, &pg) || pg.Severity == "FATAL") {
			return values, errs
		}
	}
	return values, errs
}
