package desired

import (
	"regexp"
	"slices"

	"github.com/tvl-platform/plumb/history"
	"github.com/tvl-platform/plumb/internal/profile"
)

// unavailable is what the server says of an extension that it does not have.
var unavailable = regexp.MustCompile(`^extension "(.*)" is not available$`)

// leaveOut takes the statement out of its script that makes an extension which
// the server does not have, and reports whether it did. It does so only where
// something stands for a platform, or could: what the migrations use of the
// extension is there then, or its absence is told of in turn. A statement that
// may do more than make an extension, such as DO, is not touched.
func (b *Builder) leaveOut(failed *StatementError, scripts []Script) (bool, error) {
	m := unavailable.FindStringSubmatch(failed.Server.Message)
	if m == nil || failed.Server.Where != "" {
		return false, nil
	}
	if ok, err := b.standsFor(m[1]); !ok || err != nil {
		return false, err
	}
	for i, s := range scripts {
		if s.Path != failed.Path {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(s.Statements), func(s history.Statement) bool { return s.Offset == failed.Statement.Offset })
		if len(left) == len(s.Statements) {
			return false, nil
		}
		scripts[i].Statements, b.without[m[1]] = left, true
		b.sayOnce("%s:%d: the server to replay on does not have the extension %s: the statement is left out, and the extension is compared on no side", s.Path, failed.Statement.Line, printable(m[1]))
		return true, nil
	}
	return false, nil
}

// standsFor reports whether something stands for the platform, or a profile
// could that knows the extension.
func (b *Builder) standsFor(extension string) (bool, error) {
	if b.onPlatform() || !b.findsProfiles() {
		return b.onPlatform(), nil
	}
	all, err := profile.All()
	return slices.ContainsFunc(all, func(p *profile.Profile) bool {
		return p.SQL != "" && slices.Contains(p.Named("extension"), extension)
	}), err
}
