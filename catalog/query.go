package catalog

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/tvl-platform/plumb/schema"
)

// fixed is the number of columns of a kind's query before its attributes.
const fixed = 8

// wrap adds to a kind's query what holds for every kind: objects that initdb
// made (oid below 16384) and members of extensions are not the user's. What
// hangs on a member, such as an index, is not recorded as a member itself: it
// was brought by the extension if it was tied to the member in the transaction
// which made that one (the last column), else it is the user's. A kind with
// Anywhere set does its own choosing.
func wrap(k *schema.Kind, major int) string {
	q := forMajor(k.Query, major)
	if k.Anywhere {
		return q
	}
	// refclassid leads the server to an index; without it every kind reads all of pg_depend
	return `WITH member AS (SELECT classid, objid, xmin AS made FROM pg_catalog.pg_depend WHERE refclassid = 'pg_catalog.pg_extension'::regclass AND deptype = 'e')
SELECT q.*, (q.pclassid, q.pobjid) IN (SELECT classid, objid FROM member) AND NOT EXISTS (
  SELECT FROM member m
  JOIN pg_catalog.pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid
  WHERE m.classid = q.pclassid AND m.objid = q.pobjid AND d.classid = q.classid AND d.objid = q.objid AND d.xmin <> m.made) AS brought
FROM (` + q + `
) q
WHERE q.objid >= 16384 AND (q.classid, q.objid) NOT IN (SELECT classid, objid FROM member)`
}

var mark = regexp.MustCompile(`--\s*(?:(\d+)\+|<(\d+))\s*$`)

// forMajor drops the lines of a query that are marked for other majors
// ("-- 15+", "-- <18").
func forMajor(query string, major int) string {
	var out []string
	for _, line := range strings.Split(query, "\n") {
		if m := mark.FindStringSubmatch(line); m != nil {
			if from, err := strconv.Atoi(m[1]); err == nil && major < from {
				continue
			}
			if before, err := strconv.Atoi(m[2]); err == nil && major >= before {
				continue
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// dependencies lists who needs whom among what is not built in.
const dependencies = `SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype
FROM pg_catalog.pg_depend WHERE objid >= 16384`
