package launch

import (
	"cmp"
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
	running := endpoint(t, suite.Setup{}, nil, nil)
	silent := endpoint(t, suite.Setup{}, nil, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				panic(http.ErrAbortHandler)
			}
			next.ServeHTTP(w, r)
		})
	})
	for name, test := range map[string]struct {
		url, want string
		code      int // 0: a usage error
	}{
		"no URL":         {"127.0.0.1:3000", "is not a", 0},
		"no scheme":      {"localhost/api", "is not a", 0},
		"not parsable":   {"http://[::1", "is not a URL", 0},
		"a query":        {running.url + "?x=1", "must not have a user, query or fragment", 0},
		"a user":         {strings.Replace(running.url, "http://", "http://me:secret@", 1), "must not have a user, query or fragment", 0},
		"another host":   {"http://192.0.2.1/api/inngest", "which is not a loopback address", 0},
		"an any-address": {"http://0.0.0.0:1/", "which is not a loopback address", 0},
		"nothing there":  {"http://127.0.0.1:1/api/inngest", "does not respond", page.ExitCouldNotJudge},
		"half silent":    {silent.url, "accepts connections but does not respond to a signed POST", page.ExitCouldNotJudge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Attach(t.Context(), test.url, running.keys, AttachOptions{})
			var wrong *page.Error
			if !errors.As(err, &wrong) || wrong.Code != cmp.Or(test.code, page.ExitUsage) || !strings.Contains(wrong.Sentence, test.want) || wrong.Hint == "" || strings.Contains(wrong.Sentence, "secret") {
				t.Errorf("got %v; want %q, with a hint", err, test.want)
			}
		})
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	var wrong *page.Error
	if _, err := Attach(t.Context(), secure.URL, running.keys, AttachOptions{}); !errors.As(err, &wrong) || wrong.Code != page.ExitCouldNotJudge ||
		!strings.Contains(wrong.Sentence, secure.URL+"/ does not respond") || !strings.Contains(wrong.Hint, "SSL_CERT_FILE") {
		t.Errorf("a certificate that nobody vouches for: %v, exit %d, hint %q", err, wrong.Code, wrong.Hint)
	}
	if _, err := Attach(t.Context(), running.url, AttachKeys{}, AttachOptions{}); err == nil {
		t.Error("it attaches without a key")
	}
	byName := strings.Replace(running.url, "127.0.0.1", "localhost", 1)
	if _, err := Attach(t.Context(), byName, running.keys, AttachOptions{}); err != nil {
		t.Errorf("localhost: %v", err)
	}
}
