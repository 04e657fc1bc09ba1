package gallery

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// proxies: endpoints behind a proxy that changes requests or responses as
// RFC 9110 allows.
func proxies() []Endpoint {
	return []Endpoint{
		{
			Name: "reverse-proxy", Part: Proxies,
			Peculiar: "a reverse proxy adds Via and X-Forwarded-For, and drops hop-by-hop fields",
			Wrap:     before(forwarded),
		},
		{
			Name: "forwarded-everything", Part: Proxies,
			Peculiar: "a proxy sets Forwarded, X-Forwarded-Host, X-Forwarded-Proto and X-Real-IP by itself",
			Wrap: before(func(r *http.Request) {
				forwarded(r)
				r.Header.Set("Forwarded", "for=203.0.113.7;proto=https;host="+r.Host)
				r.Header.Set("X-Forwarded-Host", r.Host)
				r.Header.Set("X-Forwarded-Proto", "https")
				r.Header.Set("X-Real-Ip", "203.0.113.7")
			}),
		},
		{
			Name: "fields-merged", Part: Proxies,
			Peculiar: "a proxy joins fields of one name with a comma",
			Wrap: before(func(r *http.Request) {
				for name, values := range r.Header {
					r.Header[name] = []string{strings.Join(values, ", ")}
				}
			}),
		},
		{
			Name: "fields-in-lower-case", Part: Proxies,
			Peculiar: "a proxy writes the names of fields in lower case, and their values without blanks around them",
			Wrap: chain(before(func(r *http.Request) {
				for _, values := range r.Header {
					for i, value := range values {
						values[i] = strings.TrimSpace(value)
					}
				}
			}), written("HTTP/1.1", "connection: close\r\n")),
		},
		{
			Name: "neutral-fields-dropped", Part: Proxies,
			Peculiar: "a proxy drops request fields that it does not know to be needed",
			Wrap: before(func(r *http.Request) {
				for name := range r.Header {
					neutral := strings.HasPrefix(name, "Trace") || strings.HasPrefix(name, "Account") || strings.HasPrefix(name, "X-Re") || name == "User-Agent" || name == "Accept-Encoding"
					if neutral {
						r.Header.Del(name)
					}
				}
			}),
		},
		{
			Name: "fields-added", Part: Proxies,
			Peculiar: "a proxy adds fields of its own to requests and responses",
			Wrap: chain(before(func(r *http.Request) {
				r.Header.Set("CF-Ray", "8f0f9b1c5d1e5c53-FRA")
				r.Header.Set("CDN-Loop", "edge")
				r.Header.Set("X-Request-Start", "t=1767323351000")
			}), after(func(_ *http.Request, k *kept) {
				k.header.Set("Server", "edge")
				k.header.Set("CF-Ray", "8f0f9b1c5d1e5c53-FRA")
				k.header.Set("Strict-Transport-Security", "max-age=31536000")
				k.header.Set("Alt-Svc", `h3=":443"; ma=86400`)
			})),
		},
		{
			Name: "internal-host", Part: Proxies,
			Peculiar: "a proxy passes requests on under the name of the machine behind it",
			Wrap: before(func(r *http.Request) {
				r.Header.Set("X-Forwarded-Host", r.Host)
				r.Host = "app.internal:8080"
			}),
		},
		{
			Name: "prefix-stripped", Part: Proxies, Path: "/inngest",
			Peculiar: "a proxy strips /api from the path, which the endpoint knows by its own configuration",
			Wrap:     before(func(r *http.Request) { r.URL.Path = strings.TrimPrefix(r.URL.Path, "/api") }),
			Change: func(e *reference.Endpoint) {
				url := e.ServeURL
				e.ServeURL = func(c *reference.Context) string {
					return strings.TrimSuffix(url(c), c.Request.URL.Path) + "/api" + c.Request.URL.Path
				}
			},
		},
		{
			Name: "slash-308", Part: Proxies,
			Peculiar: "the path without a slash at its end is redirected to the one with it, by 308",
			Wrap:     slash(http.StatusPermanentRedirect, false),
		},
		{
			Name: "slash-307-absolute", Part: Proxies,
			Peculiar: "the path without a slash at its end is redirected to the one with it, by 307 with a whole URL",
			Wrap:     slash(http.StatusTemporaryRedirect, true),
		},
		{
			Name: "slash-301", Part: Proxies,
			Peculiar: "the path without a slash at its end is redirected to the one with it, by 301",
			Wrap:     slash(http.StatusMovedPermanently, false),
		},
		{
			Name: "retries-once", Part: Proxies,
			Peculiar: "what the endpoint responds to with 502, 503 or 504 is sent to it once more; now and then it does",
			Wrap: chain(retrying(func(status int) bool { return status == 502 || status == 503 || status == 504 }),
				losing(10, page(http.StatusServiceUnavailable))),
		},
		{
			Name: "retries-every-error", Part: Proxies,
			Peculiar: "what the endpoint responds to with 500 or more is sent to it once more",
			Wrap:     retrying(func(status int) bool { return status >= 500 }),
		},
		{
			Name: "buffers-bodies", Part: Proxies,
			Peculiar: "bodies are read as a whole and passed on in chunks",
			Wrap: before(func(r *http.Request) {
				if r.ContentLength > 0 {
					r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
					r.Header.Del("Content-Length")
				}
			}),
		},
		{
			Name: "json-rewritten", Part: Proxies,
			Peculiar: "a JSON body is read and written anew before the endpoint gets it",
			Wrap:     before(rewrite),
		},
		{
			Name: "error-pages", Part: Proxies,
			Peculiar: "an edge replaces bodies and fields of errors by its own page",
			Wrap: after(func(_ *http.Request, k *kept) {
				if k.status >= 400 {
					k.header, k.body = http.Header{}, bytes.Buffer{}
					p := &kept{header: k.header}
					page(k.status)(p, nil)
					k.body = p.body
				}
			}),
		},
		{
			Name: "errors-as-502", Part: Proxies,
			Peculiar: "a gateway replaces every 500 of the endpoint by a 502 of its own",
			Wrap: after(func(_ *http.Request, k *kept) {
				if k.status == http.StatusInternalServerError {
					*k = kept{header: http.Header{}}
					page(http.StatusBadGateway)(k, nil)
				}
			}),
		},
		{
			Name: "several-instances", Part: Proxies,
			Peculiar: "requests go to two processes in turn, whose keys and clocks are equal and whose responses name them",
			Wrap: func(next http.Handler) http.Handler {
				turn := 0
				return after(func(_ *http.Request, k *kept) {
					turn = 1 - turn
					k.header.Set("X-Instance", []string{"a", "b"}[turn])
					k.header.Set("Set-Cookie", "route="+[]string{"a", "b"}[turn])
				})(next)
			},
		},
	}
}

// forwarded is what every reverse proxy does.
func forwarded(r *http.Request) {
	for _, name := range []string{"Connection", "Keep-Alive", "Te", "Trailer", "Upgrade", "Proxy-Connection"} {
		r.Header.Del(name)
	}
	r.Header.Add("Via", "1.1 edge")
	r.Header.Add("X-Forwarded-For", "203.0.113.7")
}

// slash redirects to the path with a slash at its end.
func slash(status int, absolute bool) func(http.Handler) http.Handler {
	return instead(func(r *http.Request) bool { return !strings.HasSuffix(r.URL.Path, "/") }, func(w http.ResponseWriter, r *http.Request) {
		path, query, has := strings.Cut(r.RequestURI, "?")
		location := path + "/"
		if has {
			location += "?" + query
		}
		if absolute {
			location = "http://" + r.Host + location
		}
		w.Header().Set("Location", location)
		w.WriteHeader(status)
	})
}

// retrying handles a request once more where the status says so.
func retrying(when func(status int) bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				page(http.StatusBadRequest)(w, r)
				return
			}
			try := func() *kept {
				again := r.Clone(r.Context())
				again.Body = io.NopCloser(bytes.NewReader(body))
				return keep(next, again)
			}
			k := try()
			if when(k.status) {
				k = try()
			}
			k.send(w)
		})
	}
}

// rewrite writes a JSON body anew, in its canonical form.
func rewrite(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = nil
	}
	if canonical, err := reference.Canonicalise(body); err == nil && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		body = canonical
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}
