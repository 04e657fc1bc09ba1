package diagnosis_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// app is a small app with an SDK that does what SDKs do with the text of a key: it
// removes the prefix, and takes the rest as it is.
type app struct {
	key, fallback string // the texts in its environment
	sdk           string // what it calls itself
	open          bool   // it says more than 401 to what is not authenticated
	silentGET     bool   // its GETs are not authenticated: an old SDK
	raw           bool   // it verifies bytes as they are, and does not canonicalise
	noWindow      bool
	dev           bool
	clock         time.Duration // ahead of the right one
	noProbe       bool          // it takes a probe for a call
	unverified    bool          // it runs what anyone sends, and says nothing of it
	parse         func([]byte) []byte
	signs         bool // it signs its responses
	undated       bool // the Date is not its own
	expiry        bool // it says that a signature has expired
	fails         bool // its introspection fails for a key that is not hexadecimal
}

func (a app) secrets() (all []string) {
	prefix := regexp.MustCompile(`^signkey-\w+-`)
	for _, text := range []string{a.key, a.fallback} {
		if text != "" {
			all = append(all, prefix.ReplaceAllString(text, ""))
		}
	}
	return all
}

// signed reports whether a request has a valid signature, whatever its body.
func (a app) signed(r *http.Request, body []byte) bool {
	fields, err := url.ParseQuery(r.Header.Get(reference.HeaderSignature))
	seconds, notNumber := strconv.ParseInt(fields.Get("t"), 10, 64)
	if err != nil || notNumber != nil {
		return false
	}
	if age := time.Now().Add(a.clock).Sub(time.Unix(seconds, 0)); !a.noWindow && (age > 5*time.Minute || age < -time.Minute) {
		return false
	}
	if canonical, err := reference.Canonicalise(body); err == nil && !a.raw {
		body = canonical
	}
	return slices.ContainsFunc(a.secrets(), func(secret string) bool {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		mac.Write([]byte(fields.Get("t")))
		return hex.EncodeToString(mac.Sum(nil)) == fields.Get("s")
	})
}

func (a app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/inngest" {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	if a.clock != 0 && !a.undated {
		w.Header().Set("Date", time.Now().Add(a.clock).UTC().Format(http.TimeFormat))
	}
	body, _ := io.ReadAll(r.Body)
	if a.parse != nil && r.Method == http.MethodPost {
		body = a.parse(body)
	}
	switch trusted := a.signed(r, body) || a.dev || a.unverified; {
	case r.Method == http.MethodGet:
		a.introspect(w, r, trusted)
	case r.Method != http.MethodPost:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case !trusted && a.expiry:
		a.respond(w, http.StatusInternalServerError, map[string]any{"message": "Signature has expired"})
	case !trusted && a.open:
		a.respond(w, http.StatusInternalServerError, map[string]any{"message": refusal(r)})
	case !trusted:
		plain(w)
	case r.URL.Query().Get("probe") == "trust" && !a.noProbe && len(body) > 0:
		a.respond(w, http.StatusOK, nil)
	case r.URL.Query().Get("fnId") == "":
		a.respond(w, http.StatusInternalServerError, map[string]any{"message": "No function ID found in request"})
	default:
		a.respond(w, http.StatusInternalServerError, map[string]any{"message": "Function not found in this app"})
	}
}

func refusal(r *http.Request) string {
	if r.Header.Get(reference.HeaderSignature) == "" {
		return "No x-inngest-signature provided"
	}
	return "Invalid signature"
}

// plain refuses without a word of who does.
func plain(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = io.WriteString(w, `{"message":"Unauthorized"}`)
}

func (a app) introspect(w http.ResponseWriter, r *http.Request, trusted bool) {
	o := map[string]any{"function_count": 1, "has_event_key": false, "has_signing_key": a.key != "", "mode": "cloud"}
	switch {
	case a.dev:
		o["mode"] = "dev"
	case a.silentGET:
	case trusted && a.fails:
		http.Error(w, "internal server error", http.StatusInternalServerError)
		return
	case trusted:
		o["authentication_succeeded"] = true
		o["signing_key_hash"] = hashOf(a.key)
		o["signing_key_fallback_hash"] = nil
		if a.fallback != "" {
			o["signing_key_fallback_hash"] = hashOf(a.fallback)
		}
	case !a.open:
		plain(w)
		return
	default:
		o["authentication_succeeded"] = nil
		if r.Header.Get(reference.HeaderSignature) != "" {
			o["authentication_succeeded"] = false
		}
	}
	a.respond(w, http.StatusOK, o)
}

func hashOf(text string) string {
	decoded, _ := hex.DecodeString(text[strings.LastIndexByte(text, '-')+1:])
	sum := sha256.Sum256(decoded)
	return hex.EncodeToString(sum[:])[:12]
}

func (a app) respond(w http.ResponseWriter, status int, body any) {
	sdk := a.sdk
	if sdk == "" {
		sdk = "inngest-js:v4.24.0"
	}
	w.Header().Set(reference.HeaderSDK, sdk)
	if a.signs {
		w.Header().Set(reference.HeaderSignature, fmt.Sprintf("t=%d&s=0", time.Now().Add(a.clock).Unix()))
	}
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body)
	}
}

// --- what may stand before an app ---

type front func(http.Handler) http.Handler

// hanging responds to nothing.
func hanging(http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

// rewriting changes bodies on the way.
func rewriting(change func([]byte) []byte) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if len(body) > 0 {
				body = change(body)
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			next.ServeHTTP(w, r)
		})
	}
}

// only responds to requests of a method (or all) with a response of its own.
func only(method string, status int, fields map[string]string, body string) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if method != "" && r.Method != method {
				next.ServeHTTP(w, r)
				return
			}
			for name, value := range fields {
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
}

// renaming moves the signature header to another name; an empty name removes it.
func renaming(name string) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if value := r.Header.Get(reference.HeaderSignature); name != "" && value != "" {
				r.Header.Set(name, value)
			}
			r.Header.Del(reference.HeaderSignature)
			next.ServeHTTP(w, r)
		})
	}
}

// limiting responds with 429 from some request on.
func limiting(after, then int) front {
	return func(next http.Handler) http.Handler {
		n := 0
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n > after && n <= after+then {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// sized refuses bodies beyond a size.
func sized(most int64) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > most {
				_, _ = io.Copy(io.Discard, r.Body)
				http.Error(w, "request entity too large", http.StatusRequestEntityTooLarge)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func redirecting(to func(path string) string) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if target := to(r.URL.Path); target != "" {
				http.Redirect(w, r, target, http.StatusPermanentRedirect)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func withoutQuery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = ""
		next.ServeHTTP(w, r)
	})
}

// mounted serves the app at another path.
func mounted(path string) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path {
				http.NotFound(w, r)
				return
			}
			r.URL.Path = "/api/inngest"
			next.ServeHTTP(w, r)
		})
	}
}
