package launch

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

func TestWhereAttachRefuses(t *testing.T) {
	t.Parallel()
	somebody := endpoint(t, suite.Setup{}, nil, nil)
	silent := endpoint(t, suite.Setup{}, nil, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				panic(http.ErrAbortHandler)
			}
			next.ServeHTTP(w, r)
		})
	})
	for name, test := range map[string]struct{ url, want string }{
		"no URL":         {"127.0.0.1:3000", "is not a"},
		"no scheme":      {"localhost/api", "is not a"},
		"not parsable":   {"http://[::1", "is not a URL"},
		"a query":        {somebody.url + "?x=1", "no user, query or fragment"},
		"a user":         {strings.Replace(somebody.url, "http://", "http://me:secret@", 1), "no user, query or fragment"},
		"another host":   {"http://192.0.2.1/api/inngest", "which is not this machine"},
		"an any-address": {"http://0.0.0.0:1/", "which is not this machine"},
		"nobody there":   {"http://127.0.0.1:1/api/inngest", "does not answer"},
		"half silent":    {silent.url, "answers a GET but not a signed POST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Attach(t.Context(), test.url, somebody.keys, AttachOptions{})
			var wrong *page.Error
			if !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, test.want) || wrong.Hint == "" || strings.Contains(wrong.Sentence, "secret") {
				t.Errorf("got %v; want %q, with a hint", err, test.want)
			}
		})
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	var wrong *page.Error
	if _, err := Attach(t.Context(), secure.URL, somebody.keys, AttachOptions{}); !errors.As(err, &wrong) || wrong.Code != page.ExitUsage ||
		!strings.Contains(wrong.Sentence, secure.URL+"/ does not answer") || !strings.Contains(wrong.Hint, "SSL_CERT_FILE") {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
	if _, err := Attach(t.Context(), somebody.url, AttachKeys{}, AttachOptions{}); err == nil {
		t.Error("it attaches without a key")
	}
	byName := strings.Replace(somebody.url, "127.0.0.1", "localhost", 1)
	if _, err := Attach(t.Context(), byName, somebody.keys, AttachOptions{}); err != nil {
		t.Errorf("localhost: %v", err)
	}
}
