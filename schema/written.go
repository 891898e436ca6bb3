package schema

import (
	"regexp"
	"slices"
	"strings"
)

// A cast that stands right behind ARRAY[…] is moved to its members when the
// server reads what it has printed (transformArrayExpr, with the type that
// transformTypeCast hands down): a varchar that is IN a list is printed so, and
// would be printed otherwise ever after. Behind one more cast it stays.
var castList = regexp.MustCompile(`\(ARRAY\[('(?:[^']|'')*'::character varying(?:, '(?:[^']|'')*'::character varying)*)\]\)::text\[\]`)

// Written returns an object with the server's expressions in the words that the
// server prints again once it has read them.
func (k *Kind) Written(o *Object) *Object {
	var out *Object
	for i, text := range o.Attrs.Values {
		if !strings.Contains(text, "::character varying])::text[]") {
			continue
		}
		if a, ok := k.Attr(o.Attrs.Names[i]); !ok || !a.Printed {
			continue
		}
		if out == nil {
			as := *o
			out, as.Attrs.Values = &as, slices.Clone(o.Attrs.Values)
		}
		out.Attrs.Values[i] = castList.ReplaceAllString(text, "((ARRAY[$1])::character varying[])::text[]")
	}
	if out == nil {
		return o
	}
	return out
}
