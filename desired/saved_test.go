package desired

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/schema"
)

// savedExample is a snapshot that has a bit of everything.
func savedExample(t *testing.T) (*Saved, []byte) {
	t.Helper()
	s := &Saved{
		Taken:  Taken{Database: "app", Host: "db.example", Role: "auditor\n", Standby: true, At: "2026-11-27T00:00:00Z"},
		Locale: devserver.Locale{Encoding: "UTF8", Collate: "C", Ctype: "C", Provider: "c"},
		Kinds:  []string{"table"},
		Log:    &LogRecord{Table: "public.migrations_log", Entries: []string{"001", "002"}},
		State:  schema.Empty(150018),
	}
	id := schema.ID{Kind: "table", Name: "public.\"a\nb\""}
	s.State.Objects[id] = &schema.Object{ID: id, Attrs: schema.Attrs{Names: []string{"persistence"}, Values: []string{"p"}}}
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return s, data
}

func TestDecodeSavedReadsWhatEncodeWrote(t *testing.T) {
	s, data := savedExample(t)
	got, err := DecodeSaved(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s, got); d != "" {
		t.Error(d)
	}
	if again, _ := got.Encode(); !bytes.Equal(again, data) {
		t.Error("encoded again it is another file")
	}
}

// A file that was cut off or changed anywhere is no snapshot.
func TestDecodeSavedRefusesWhatIsDamaged(t *testing.T) {
	_, data := savedExample(t)
	for i := range data {
		if _, err := DecodeSaved(data[:i]); err == nil {
			t.Errorf("cut off after %d bytes of %d it is read", i, len(data))
		}
		for _, bit := range []byte{1, 0x20} {
			changed := bytes.Clone(data)
			changed[i] ^= bit
			got, err := DecodeSaved(changed)
			if err == nil && !cmp.Equal(got, mustDecode(t, data)) {
				t.Errorf("with byte %d changed from %q to %q it is read as something else", i, data[i], changed[i])
			}
		}
	}
}

func mustDecode(t *testing.T, data []byte) *Saved {
	t.Helper()
	s, err := DecodeSaved(data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
