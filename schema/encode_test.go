package schema

import (
	"bytes"
	"reflect"
	"testing"
)

func TestDecodeReadsWhatEncodeWrote(t *testing.T) {
	s := Empty(150018)
	s.NotExamined = []string{"operator ==="}
	o := &Object{
		ID:     ID{"column", "public.a.\"x\ny\""},
		Parent: ID{"table", "public.a"},
		Attrs:  Attrs{Names: []string{"type", "column"}, Values: []string{"text", `"<&>` + "\n"}},
		Needs:  []ID{{"schema", "public"}}, Order: 3,
	}
	s.Objects[o.ID] = o
	s.Objects[ID{"default privileges", ""}] = &Object{ID: ID{"default privileges", ""}}
	data, err := Encode(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, s) {
		t.Errorf("Decode(Encode(s)) = %+v\nwant %+v\nfrom %s", got, s, data)
	}
	again, _ := Encode(got)
	if !bytes.Equal(data, again) {
		t.Errorf("encoded again it is\n%s\nwas\n%s", again, data)
	}
}

func TestDecodeRefusesWhatIsNoSnapshot(t *testing.T) {
	for _, text := range []string{``, `{}`, `[]`, `{"plumb_snapshot": 99}`, `{"plumb_snapshot":1,"objects":[{"kind":"a"},{"kind":"a"}]}`} {
		if _, err := Decode([]byte(text)); err == nil {
			t.Errorf("Decode(%s) succeeded", text)
		}
	}
}
