package redact

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"postgres://u:S3cr3t%40@h:5432/db", "postgres://u:xxxxx@h:5432/db"},
		{"cannot parse `postgresql://u:p:w@h/d`: x", "cannot parse `postgresql://u:xxxxx@h/d`: x"},
		{"postgres://h/db?user=u&password=S3cr3t&x=1", "postgres://h/db?user=u&password=xxxxx&x=1"},
		{"host=h password=S3cr3t dbname=d", "host=h password=xxxxx dbname=d"},
		{`host=h password='S3 c\'r3t' dbname=d`, "host=h password=xxxxx dbname=d"},
		{"postgres://u@h/db", "postgres://u@h/db"},
	} {
		if got := Text(tc.in); got != tc.want {
			t.Errorf("Text(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestRedactorRemovesWhatItLearnedAnywhere(t *testing.T) {
	var r Redactor
	r.Learn("postgres://u:S3cr3t%40@h:5432/db")
	if got := r.Text("the server said S3cr3t@ and S3cr3t%40"); strings.Contains(got, "S3cr3t") {
		t.Errorf("got %q", got)
	}
}
