package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// fronted is a lab whose targets have something in front of them.
type fronted struct {
	inprocess.Memory
	front func(r suite.Request, next func() (suite.Response, error)) (suite.Response, error)

	mu   sync.Mutex
	sent []sent
}

// sent is a request, and where it went.
type sent struct {
	suite.Request
	to *behind
}

func (f *fronted) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	target, err := f.Memory.Start(ctx, s)
	return &behind{target, f}, err
}

type behind struct {
	engine.Target
	lab *fronted
}

func (b *behind) Send(ctx context.Context, r suite.Request) (suite.Response, error) {
	b.lab.mu.Lock()
	defer b.lab.mu.Unlock()
	b.lab.sent = append(b.lab.sent, sent{r, b})
	return b.lab.front(r, func() (suite.Response, error) { return b.Target.Send(ctx, r) })
}

// behindFront is a broken endpoint, or a correct one, behind a front.
func behindFront(change func(*reference.Endpoint), front func(suite.Request, func() (suite.Response, error)) (suite.Response, error)) *fronted {
	lab := broken(change)
	return &fronted{Memory: lab, front: front}
}

func signedBy(r suite.Request) string {
	for _, f := range r.Header {
		if f.Name == reference.HeaderSignature {
			return f.Value
		}
	}
	return ""
}

func status(code int) (suite.Response, error) { return suite.Response{Status: code}, nil }

// everyThird responds in another way to one of three requests.
func everyThird(then func(next func() (suite.Response, error)) (suite.Response, error)) func(suite.Request, func() (suite.Response, error)) (suite.Response, error) {
	n := 0
	return func(_ suite.Request, next func() (suite.Response, error)) (suite.Response, error) {
		if n++; n%3 == 0 {
			return then(next)
		}
		return next()
	}
}

// What may come from an intermediary is no verdict, neither for a correct endpoint
// nor for a broken one.
func TestIntermediariesHideNothing(t *testing.T) {
	lost := fmt.Errorf("reading: %w", engine.ErrClosed)
	noWindow := func(e *reference.Endpoint) { e.CheckWindow = ignoreTime }
	fronts := map[string]func(next func() (suite.Response, error)) (suite.Response, error){
		"502":          func(func() (suite.Response, error)) (suite.Response, error) { return status(502) },
		"504 after it": func(next func() (suite.Response, error)) (suite.Response, error) { _, _ = next(); return status(504) },
		"closed":       func(func() (suite.Response, error)) (suite.Response, error) { return suite.Response{}, lost },
		"closed after": func(next func() (suite.Response, error)) (suite.Response, error) {
			_, _ = next()
			return suite.Response{}, lost
		},
	}
	for name, then := range fronts {
		for _, id := range []string{"receiving.expired", "keys.fallback-after-refusal", "introspection.answered"} {
			if r := judgedCase(t, behindFront(nil, everyThird(then)), id); r.Verdict != engine.Pass {
				t.Errorf("%s, a correct endpoint: %s is %s: %s (%s)", name, id, r.Verdict, r.Observed, r.Note)
			}
		}
		if r := judgedCase(t, behindFront(noWindow, everyThird(then)), "receiving.expired"); r.Verdict != engine.Fail {
			t.Errorf("%s, without a replay window: %s: %s (%s)", name, r.Verdict, r.Observed, r.Note)
		}
	}
}

// Also where the set-up leaves open whether a call is accepted, one that was handled and
// whose response was lost is sent again.
func TestLostResponsesInSetupsThatAcceptNothingForSure(t *testing.T) {
	var cases []suite.Case
	for _, c := range suite.Catalogue() {
		if strings.HasPrefix(c.ID, "keys.only-fallback-") || strings.HasPrefix(c.ID, "keys.absent-") {
			cases = append(cases, c)
		}
	}
	n := 0
	lab := behindFront(nil, func(_ suite.Request, next func() (suite.Response, error)) (suite.Response, error) {
		response, err := next()
		if n++; n%2 == 0 {
			return suite.Response{}, fmt.Errorf("reading: %w", engine.ErrClosed)
		}
		return response, err
	})
	judged, err := engine.Judge(t.Context(), lab, cases, engine.Options{Jobs: 1, Seed: 3})
	if err != nil || len(judged.Results) < 5 {
		t.Fatal(err, len(judged.Results))
	}
	for _, r := range judged.Results {
		if r.Verdict != engine.Pass && r.Verdict != engine.Observed {
			t.Errorf("%s is %s: %s (%s)", r.Case.ID, r.Verdict, r.Observed, r.Note)
		}
	}
}

// A forged request that runs is accepted, whatever becomes of its response.
func TestALostResponseHidesNoRun(t *testing.T) {
	accepting := func(e *reference.Endpoint) {
		e.Policy = func(*http.Request, []byte, reference.Mode) reference.VerificationPolicy { return reference.Ignored }
	}
	lab := behindFront(accepting, func(r suite.Request, next func() (suite.Response, error)) (suite.Response, error) {
		response, err := next()
		if signedBy(r) == "" {
			return status(503)
		}
		return response, err
	})
	if r := judgedCase(t, lab, "receiving.unsigned"); r.Verdict != engine.Fail || !strings.Contains(r.Observed, "the function ran") {
		t.Errorf("%s: %s (%s)", r.Verdict, r.Observed, r.Note)
	}
}

// An endpoint may refuse as an intermediary does: with 503, or by closing the
// connection. That is found out once, and then costs nothing.
func TestRefusalsLikeAnIntermediarys(t *testing.T) {
	longtest.Skip(t)
	for name, refuse := range map[string]func(*reference.Context, error) reference.Response{
		"503": func(*reference.Context, error) reference.Response {
			return reference.Response{Status: 503, Header: http.Header{}}
		},
		"closed": func(*reference.Context, error) reference.Response { panic(http.ErrAbortHandler) },
	} {
		lab := behindFront(func(e *reference.Endpoint) { e.Refuse = refuse }, func(_ suite.Request, next func() (suite.Response, error)) (suite.Response, error) { return next() })
		for _, id := range suite.Core {
			lab.sent = nil
			r := judgedCase(t, lab, id)
			if r.Verdict != engine.Pass || len(lab.sent) > 20 {
				t.Errorf("%s: %s is %s after %d requests: %s (%s)", name, id, r.Verdict, len(lab.sent), r.Observed, r.Note)
			}
		}
	}
}

// An endpoint that hands on the status of the API's response gets the request once: it is
// no limiter.
func TestAStatusOfTheAPIIsHandedOn(t *testing.T) {
	for status, id := range map[int]string{429: "keys.no-switch-on-429", 503: "keys.no-switch-on-503"} {
		syncs := 0
		lab := behindFront(nil, func(r suite.Request, next func() (suite.Response, error)) (suite.Response, error) {
			response, err := next()
			if r.Method == http.MethodPut && response.Status >= 500 {
				syncs, response.Status = syncs+1, status
			}
			return response, err
		})
		if r := judgedCase(t, lab, id); r.Verdict != engine.Pass || syncs != 1 {
			t.Errorf("%s is %s after %d syncs: %s (%s)", id, r.Verdict, syncs, r.Observed, r.Note)
		}
	}
}

// A PUT in place of a POST may register the app, and is not sent again for that.
func TestAPutInPlaceOfAPostIsSentOnce(t *testing.T) {
	puts := 0
	lab := behindFront(nil, func(r suite.Request, next func() (suite.Response, error)) (suite.Response, error) {
		if r.Method == http.MethodPut {
			puts++
		}
		return next()
	})
	if r := judgedCase(t, lab, "facets.methods-unsigned"); r.Verdict != engine.Pass || puts != 1 {
		t.Errorf("%s with %d PUTs: %s (%s)", r.Verdict, puts, r.Observed, r.Note)
	}
}

// An endpoint that never responds by itself is not judged, and not waited for long.
func TestAnIntermediaryThatRespondsToEverything(t *testing.T) {
	longtest.Skip(t)
	lab := behindFront(nil, func(suite.Request, func() (suite.Response, error)) (suite.Response, error) { return status(503) })
	if r := judgedCase(t, lab, "receiving.unsigned"); r.Verdict == engine.Pass || r.Verdict == engine.Fail || len(lab.sent) > 40 {
		t.Errorf("%s after %d requests: %s (%s)", r.Verdict, len(lab.sent), r.Observed, r.Note)
	}
}

// Redirects to another path of the target are followed as the server follows them.
func TestRedirectsAreFollowed(t *testing.T) {
	for location, want := range map[string]engine.Verdict{
		"/":                         engine.Pass,
		"http://127.0.0.1:3000/x/":  engine.Pass,
		"http://127.0.0.2:3000/x/":  engine.Fail,
		"https://127.0.0.1:3000/x/": engine.Fail,
	} {
		lab := behindFront(nil, func(r suite.Request, next func() (suite.Response, error)) (suite.Response, error) {
			path, query, _ := strings.Cut(r.Target, "?")
			if strings.HasSuffix(path, "/") {
				return next()
			}
			to := strings.Replace(location, "/x/", path+"/", 1)
			if location == "/" {
				to = path + "/"
			}
			if query != "" {
				to += "?" + query
			}
			return suite.Response{Status: http.StatusPermanentRedirect, Header: http.Header{"Location": {to}}}, nil
		})
		if r := judgedCase(t, lab, "receiving.signed"); r.Verdict != want {
			t.Errorf("to %s: %s, want %s: %s (%s)", location, r.Verdict, want, r.Observed, r.Note)
		}
	}
}

// No two requests to one target are signed alike, so that an endpoint may accept
// each signature once only.
func TestSignaturesAreUsedOnce(t *testing.T) {
	lab := behindFront(nil, func(_ suite.Request, next func() (suite.Response, error)) (suite.Response, error) { return next() })
	// Some cases are about a signature that is used again; the front takes one request
	// at a time; and the clock stands still, so that the facets find no second that is
	// free.
	cases := slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool {
		return !suite.Default.Includes(c.Tier) || c.When.Fields().Borrowed || c.State.Beside != suite.Nobody || c.Facets.Of != ""
	})
	if _, err := engine.Judge(t.Context(), lab, cases, engine.Options{Jobs: 1, Seed: 3, VerdictsOnly: true}); err != nil {
		t.Fatal(err)
	}
	type use struct {
		to        *behind
		signature string
	}
	seen := map[use]suite.Request{}
	for _, r := range lab.sent {
		s, _, err := reference.ParseHeaders([]string{signedBy(r.Request)})
		if err != nil || s.MAC == [32]byte{} { // no MAC at all is tried as a MAC of zeros
			continue
		}
		if earlier, again := seen[use{r.to, s.String()}]; again {
			t.Errorf("%s %s and %s %s have one signature", earlier.Method, earlier.Target, r.Method, r.Target)
		}
		seen[use{r.to, s.String()}] = r.Request
	}
	if len(seen) < 300 {
		t.Errorf("only %d signatures were seen", len(seen))
	}
}

// A worker that had only time for its first start is given more: what it does after that
// is what is judged.
func TestAWorkerThatIsLateIsGivenMoreTime(t *testing.T) {
	for name, test := range map[string]struct {
		second []reference.Key
		want   engine.Verdict
	}{
		"a correct one":                   {nil, engine.Pass},
		"one that drops the bearer token": {[]reference.Key{{}}, engine.Fail},
	} {
		late := false
		lab := behindFront(func(e *reference.Endpoint) {
			e.Client = func(c *reference.Context) *reference.Client {
				client := reference.ClientOf(c)
				client.Attempts = func(keys reference.Keys) []reference.Key {
					if late {
						return reference.AttemptKeys(keys)
					}
					return append(reference.AttemptKeys(keys), test.second...)
				}
				return client
			}
		}, func(r suite.Request, next func() (suite.Response, error)) (suite.Response, error) {
			if late = strings.Contains(r.Target, "/connect?limit=4000"); late {
				_, _ = next()
				return suite.Response{Status: 500, Body: []byte(`{"error":"not connected","pending":true}`)}, nil
			}
			return next()
		})
		if r := judgedCase(t, lab, "connect.no-second-key"); r.Verdict != test.want {
			t.Errorf("%s is %s: %s (%s)", name, r.Verdict, r.Observed, r.Note)
		}
	}
}
