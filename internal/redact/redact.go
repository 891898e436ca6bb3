// Package redact takes passwords out of what plumb prints: addresses of
// databases, errors that quote them, JSON.
package redact

import (
	"net/url"
	"regexp"
	"strings"
)

// Mask stands where a password was.
const Mask = "xxxxx"

var (
	inUserinfo = regexp.MustCompile(`((?i:postgres(?:ql)?)://[^\s/@:'"<>]*):[^\s@'"<>]*@`)
	inQuery    = regexp.MustCompile(`(?i)([?&](?:ssl)?password=)[^\s&'"#<>]*`)
	inDSN      = regexp.MustCompile(`(?i)(\b(?:ssl)?password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s'"&,)]+)`)
)

// Text removes every password that stands in text where an address has one.
func Text(text string) string {
	text = inUserinfo.ReplaceAllString(text, "$1:"+Mask+"@")
	text = inQuery.ReplaceAllString(text, "${1}"+Mask)
	return inDSN.ReplaceAllString(text, "${1}"+Mask)
}

// A Redactor also knows the passwords of certain addresses, and removes them
// wherever they stand.
type Redactor struct{ secrets []string }

// Learn remembers the password of an address.
func (r *Redactor) Learn(address string) {
	var found []string
	if u, err := url.Parse(address); err == nil && u.Scheme != "" {
		pw, _ := u.User.Password()
		found = append(found, pw, u.Query().Get("password"), u.Query().Get("sslpassword"))
	}
	if m := regexp.MustCompile(`://[^/@:]*:(.*)@`).FindStringSubmatch(address); m != nil {
		found = append(found, m[1])
	}
	for _, m := range inDSN.FindAllStringSubmatch(address, -1) {
		found = append(found, strings.Trim(m[2], "'"))
	}
	for _, pw := range found {
		for _, s := range []string{pw, url.QueryEscape(pw), url.PathEscape(pw)} {
			if len(s) >= 4 { // shorter ones would tear holes into everything
				r.secrets = append(r.secrets, s)
			}
		}
	}
}

// Text removes the passwords that have been learned, and whatever looks like one.
func (r *Redactor) Text(text string) string {
	for _, s := range r.secrets {
		text = strings.ReplaceAll(text, s, Mask)
	}
	return Text(text)
}
