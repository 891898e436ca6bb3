package devserver_test

import (
	"strings"
	"testing"

	"github.com/tvl-platform/plumb/internal/devserver"
)

func TestADatabaseHasTheLocaleOfItsModel(t *testing.T) {
	latin := devserver.Locale{Encoding: "LATIN1", Provider: "c", Collate: "C", Ctype: "C"}
	icu := devserver.Locale{Encoding: "UTF8", Provider: "i", Collate: "C", Ctype: "C", Name: "de-DE"}
	builtin := devserver.Locale{Encoding: "UTF8", Provider: "b", Collate: "C", Ctype: "C", Name: "C.UTF-8"}
	nowhere := devserver.Locale{Encoding: "LATIN1", Provider: "c", Collate: "xx_XX", Ctype: "xx_XX"}
	plain := devserver.Locale{Encoding: "UTF8", Provider: "c", Collate: "C", Ctype: "C"}
	for _, test := range []struct {
		like  devserver.Locale
		since int
		want  devserver.Locale
	}{
		{devserver.Locale{}, 14, plain},
		{latin, 14, latin},
		{icu, 15, icu},
		{builtin, 17, builtin},
		{nowhere, 14, latin},
	} {
		t.Run(test.like.String(), func(t *testing.T) {
			each(t, func(t *testing.T, s *devserver.Server) {
				want := test.want
				if s.Major() < test.since {
					want = plain
				}
				for range 2 { // the second is a spare
					checkLocale(t, s, test.like, want)
				}
			})
		})
	}
}

func checkLocale(t *testing.T, s *devserver.Server, like, want devserver.Locale) {
	t.Helper()
	d, err := s.Create(t.Context(), like)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := d.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	got, err := devserver.LocaleOf(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	got.Name = strings.TrimSuffix(got.Name, "-u-co-standard")
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
