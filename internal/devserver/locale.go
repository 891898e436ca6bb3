package devserver

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A Locale is the encoding and the collation that a database is born with and never changes. The zero
// Locale means UTF8 in the server's own default.
type Locale struct {
	Encoding string // UTF8
	Provider string // as in pg_database.datlocprovider: c for libc, i for ICU, b for builtin
	Collate  string // the libc locales, which every provider has
	Ctype    string
	Name     string // the locale of the provider, empty for libc
	Rules    string // additional ICU rules
}

func (l Locale) String() string {
	if l.Name != "" {
		return fmt.Sprintf("%s %s", l.Encoding, l.Name)
	}
	return fmt.Sprintf("%s %s", l.Encoding, l.Collate)
}

// LocaleOf reads the locale of the database that conn is connected to. The catalog's columns changed
// their names in 15, 16 and 17.
func LocaleOf(ctx context.Context, conn *pgx.Conn) (Locale, error) {
	var l Locale
	err := conn.QueryRow(ctx, `
		SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype,
			coalesce(j->>'datlocprovider', 'c'), coalesce(j->>'datlocale', j->>'daticulocale', ''), coalesce(j->>'daticurules', '')
		FROM pg_catalog.pg_database d, pg_catalog.to_jsonb(d) j
		WHERE datname = pg_catalog.current_database()`).
		Scan(&l.Encoding, &l.Collate, &l.Ctype, &l.Provider, &l.Name, &l.Rules)
	if err != nil {
		return Locale{}, fmt.Errorf("cannot read the database's locale: %w", err)
	}
	return l, nil
}

// attempts lists the options of CREATE DATABASE to try, the most faithful first. The encoding is the
// last thing to give up: which texts can be stored depends on it.
func (l Locale) attempts(major int) []string {
	if l == (Locale{}) {
		return []string{""}
	}
	plain := " ENCODING " + literal(l.Encoding)
	libc := plain + " LC_COLLATE " + literal(l.Collate) + " LC_CTYPE " + literal(l.Ctype)
	var exact []string
	switch {
	case l.Provider == "i" && major >= 15:
		icu := libc + " LOCALE_PROVIDER icu ICU_LOCALE " + literal(l.Name)
		if l.Rules != "" && major >= 16 {
			icu += " ICU_RULES " + literal(l.Rules)
		}
		exact = append(exact, icu)
	case l.Provider == "b" && major >= 17:
		exact = append(exact, libc+" LOCALE_PROVIDER builtin BUILTIN_LOCALE "+literal(l.Name))
	}
	return append(exact, libc, plain+" LC_COLLATE 'C' LC_CTYPE 'C'", "")
}

// isLocaleError tells whether the server refused a database for its locale only: an unknown name is
// 42809 or 22023, a provider that was not compiled in 0A000.
func isLocaleError(err error) bool { return hasCode(err, "42809", "22023", "0A000") }
