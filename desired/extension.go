package desired

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/profile"
)

// unavailable is what the server says of an extension that it does not have.
var unavailable = regexp.MustCompile(`^extension "(.*)" is not available$`)

// A leftOut is an extension that a replay does without.
type leftOut struct {
	failed  *StatementError
	warning string
}

// leaveOut takes the statement out of its script that makes an extension which
// the server does not have, and reports whether it did. Something must stand for
// a platform in the end (see missing): what the migrations use of the extension
// is there then, or its absence is told of in turn. A statement that may do more
// than make an extension, such as DO, is not touched.
func (b *Builder) leaveOut(failed *StatementError, scripts []Script) (bool, error) {
	m := unavailable.FindStringSubmatch(failed.Server.Message)
	if m == nil || failed.Server.Where != "" || !b.onPlatform() && !b.findsProfiles() {
		return false, nil
	}
	for i, s := range scripts {
		if s.Path != failed.Path {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(s.Statements), func(s history.Statement) bool { return s.Offset == failed.Statement.Offset })
		if len(left) == len(s.Statements) {
			return false, nil
		}
		scripts[i].Statements = left
		b.without[m[1]] = leftOut{failed, fmt.Sprintf("%s:%d: the server to replay on does not have the extension %s: the statement is left out, and the extension is compared on no side",
			s.Path, failed.Statement.Line, printable(m[1]))}
		return true, nil
	}
	return false, nil
}

// missing is the failure for an extension that was left out though nothing stands
// for a platform, nor does a profile know the extension; what was left out else is
// told of.
func (b *Builder) missing() error {
	all, err := profile.All()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(b.without)) {
		known := func(p *profile.Profile) bool { return p.SQL != "" && slices.Contains(p.Named("extension"), name) }
		if !b.onPlatform() && !slices.ContainsFunc(all, known) {
			return b.without[name].failed
		}
		b.sayOnce("%s", b.without[name].warning)
	}
	return nil
}
