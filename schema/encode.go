package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// format is the version of the encoding. It changes when an older plumb could
// misread a snapshot.
const format = 1

// The encoded forms. What is empty is left out.
type (
	encodedSnapshot struct {
		Format      int             `json:"plumb_snapshot"`
		Version     int             `json:"server_version"`
		Objects     []encodedObject `json:"objects"`
		Brought     []encodedID     `json:"brought,omitempty"`
		Seeds       []string        `json:"seeds,omitempty"`
		NotExamined []string        `json:"not_examined,omitempty"`
		Hidden      map[string]int  `json:"hidden,omitempty"`
	}
	encodedObject struct {
		Kind   string        `json:"kind"`
		Name   string        `json:"name,omitempty"`
		Parent *encodedID    `json:"parent,omitempty"`
		Attrs  *encodedAttrs `json:"attrs,omitempty"`
		Needs  []encodedID   `json:"needs,omitempty"`
		With   []encodedID   `json:"with,omitempty"`
		Order  int           `json:"order,omitempty"`
	}
	encodedID    [2]string
	encodedAttrs Attrs // a JSON object that keeps its order
)

func (a encodedAttrs) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	separator := byte('{')
	for i, name := range a.Names {
		out.WriteByte(separator)
		separator = ','
		if err := enc.Encode(name); err != nil {
			return nil, err
		}
		out.WriteByte(':')
		if err := enc.Encode(a.Values[i]); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func (a *encodedAttrs) UnmarshalJSON(data []byte) error {
	var values map[string]string
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		token, err := dec.Token()
		if err != nil {
			break // the end: that it is an object of strings is known
		}
		name, ok := token.(string)
		if !ok {
			continue
		}
		a.Names, a.Values = append(a.Names, name), append(a.Values, values[name])
		if _, err := dec.Token(); err != nil {
			return err
		}
	}
	return nil
}

func encodeIDs(ids []ID) []encodedID {
	var out []encodedID
	for _, id := range ids {
		out = append(out, encodedID{id.Kind, id.Name})
	}
	return out
}

func decodeIDs(ids []encodedID) []ID {
	var out []ID
	for _, id := range ids {
		out = append(out, ID{id[0], id[1]})
	}
	return out
}

// Encode writes a snapshot as JSON: the same snapshot, the same bytes.
func Encode(s *Snapshot) ([]byte, error) {
	e := encodedSnapshot{Format: format, Version: s.Version, Objects: []encodedObject{}, Brought: encodeIDs(s.Brought), Seeds: s.Seeds, NotExamined: s.NotExamined, Hidden: s.Hidden}
	for _, o := range s.Sorted() {
		eo := encodedObject{Kind: o.ID.Kind, Name: o.ID.Name, Needs: encodeIDs(o.Needs), With: encodeIDs(o.With), Order: o.Order}
		if !o.Parent.IsZero() {
			eo.Parent = &encodedID{o.Parent.Kind, o.Parent.Name}
		}
		if len(o.Attrs.Names) > 0 {
			attrs := encodedAttrs(o.Attrs)
			eo.Attrs = &attrs
		}
		e.Objects = append(e.Objects, eo)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(e)
	return out.Bytes(), err
}

// Decode reads a snapshot that Encode wrote.
func Decode(data []byte) (*Snapshot, error) {
	var e encodedSnapshot
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("it is no snapshot of plumb's: %w", err)
	}
	switch {
	case e.Format == 0:
		return nil, errors.New("it is no snapshot of plumb's; plumb inspect --format json writes one")
	case e.Format > format:
		return nil, fmt.Errorf("it was written by a later plumb (format %d, known is %d); update plumb", e.Format, format)
	}
	s := Empty(e.Version)
	s.Brought = decodeIDs(e.Brought)
	s.Seeds, s.NotExamined, s.Hidden = e.Seeds, e.NotExamined, e.Hidden
	for _, eo := range e.Objects {
		o := &Object{ID: ID{eo.Kind, eo.Name}, Needs: decodeIDs(eo.Needs), With: decodeIDs(eo.With), Order: eo.Order}
		if eo.Parent != nil {
			o.Parent = ID{eo.Parent[0], eo.Parent[1]}
		}
		if eo.Attrs != nil {
			o.Attrs = Attrs(*eo.Attrs)
		}
		if s.Objects[o.ID] != nil {
			return nil, fmt.Errorf("%s is in it twice", o.ID)
		}
		s.Objects[o.ID] = o
	}
	return s, nil
}
