package zoo

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// syncing are the mutants with wrong registrations and responses to syncs.
func syncing() []Mutant {
	return []Mutant{
		{
			Name: "register-skipped", Part: SyncPart, Kills: "sync.registers",
			Defect: "a sync reports success without contacting the API",
			Break: responseOf(func(e *reference.Endpoint) *func(*reference.Context) reference.Response { return &e.SyncOut },
				func(*reference.Context) reference.Response {
					return plain(http.StatusOK, `{"message":"Successfully synced.","modified":true}`)
				}),
		},
		{
			Name: "deploy-id-dropped", Part: SyncPart, Kills: "sync.deploy-id",
			Defect: "the deployId of a sync does not reach the API",
			Break:  onTheWay(func(_ *reference.Context, r *http.Request) { r.URL.RawQuery = "" }),
		},
		{
			Name: "deploy-id-registered", Part: SyncPart, Kills: "sync.deploy-id-not-registered",
			Defect: "the deployId of a sync becomes part of the registered URL",
			Break:  serveURL(func(c *reference.Context, url string) string { return url + "?" + c.Request.URL.RawQuery }),
		},
		{
			Name: "server-kind-dropped", Part: SyncPart, Kills: "sync.server-kind",
			Defect: "the server kind of a sync is not forwarded to the API",
			Break: onTheWay(func(_ *reference.Context, r *http.Request) {
				r.Header.Del(reference.HeaderExpectedServerKind)
			}),
		},
		{
			Name: "sync-tells-all", Part: SyncPart, Kills: "sync.unsigned-quiet",
			Defect: "the response to any sync contains what was registered",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					return with(sync(c), "app_id", c.AppID, "sdk_language", "go")
				}
			},
		},
		{
			Name: "modified-dropped", Part: SyncPart, Kills: "sync.answer",
			Defect: "the response to a sync does not carry the API's `modified`",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response { return with(sync(c), "modified", false) }
			},
		},
		{
			Name: "url-in-query-believed", Part: SyncPart, Kills: "sync.forged-query",
			Defect: "a URL in the query of a sync is registered, although the origin is configured",
			Break: serveURL(func(c *reference.Context, url string) string {
				return cmp.Or(c.Request.URL.Query().Get("url"), url)
			}),
		},
		{
			Name: "original-url-believed", Part: SyncPart, Kills: "sync.forged-original-url",
			Defect: "the host in X-Original-Host is registered, although the origin is configured",
			Break:  serveURL(hostIn("X-Original-Host")),
		},
		{
			Name: "in-band-in-any-case", Part: SyncPart, Kills: "inband.spelled-otherwise",
			Defect: "the router reads the kind of a sync without regard to case, and the guard does not",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					if strings.EqualFold(c.Request.Header.Get(reference.HeaderSyncKind), "in_band") {
						return c.SyncIn(c)
					}
					return sync(c)
				}
			},
		},
		{
			Name: "host-believed", Part: SyncPart, Kills: "sync.forged-host",
			Defect: "the registered URL has the Host of the request, although the origin is configured",
			Break: serveURL(func(c *reference.Context, url string) string {
				if strings.HasPrefix(c.Request.Host, "127.0.0.1") {
					return url
				}
				return "http://" + c.Request.Host + c.Request.URL.Path
			}),
		},
		{
			Name: "forwarded-host-believed", Part: SyncPart, Kills: "sync.forged-forwarded-host",
			Defect: "the registered URL has the X-Forwarded-Host of the request, although the origin is configured",
			Break:  serveURL(hostIn("X-Forwarded-Host")),
		},
		{
			Name: "forwarded-proto-believed", Part: SyncPart, Kills: "sync.forged-forwarded-proto",
			Defect: "the registered URL has the X-Forwarded-Proto of the request, although the origin is configured",
			Break: serveURL(func(c *reference.Context, url string) string {
				if proto := c.Request.Header.Get("X-Forwarded-Proto"); proto != "" {
					_, rest, _ := strings.Cut(url, "://")
					return proto + "://" + rest
				}
				return url
			}),
		},
		{
			Name: "body-url-believed", Part: SyncPart, Kills: "sync.forged-body-url",
			Defect: "the URL in the body of an unsigned sync is registered",
			Break: serveURL(func(c *reference.Context, url string) string {
				var body struct {
					URL string `json:"url"`
				}
				if json.Unmarshal(c.Body, &body) == nil && !isInBand(c.Request) && !strings.Contains(body.URL, c.Request.Host) {
					return body.URL
				}
				return url
			}),
		},
		{
			Name: "in-band-origin-ignored", Part: SyncPart, Kills: "inband.serve-origin",
			Defect: "the response to an in-band sync has the URL of the request, although the origin is configured",
			Break: serveURL(func(c *reference.Context, url string) string {
				if isInBand(c.Request) {
					return "https://elsewhere.countersign.example" + c.Request.URL.Path
				}
				return url
			}),
		},
		{
			Name: "api-follows-host", Part: SyncPart, Kills: "sync.api-is-configured",
			Defect: "the API is contacted at the host of the request",
			Break: func(e *reference.Endpoint) {
				origin := e.APIOrigin
				e.APIOrigin = func(c *reference.Context) string {
					if strings.HasPrefix(c.Request.Host, "elsewhere") {
						return "http://" + c.Request.Host
					}
					return origin(c)
				}
			},
		},
		{
			Name: "refused-sync-tells-all", Part: SyncPart, Kills: "sync.wrong-key-quiet",
			Defect: "the response to a sync with a wrong signature contains what would have been registered",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					if c.Request.Method != http.MethodPut || isInBand(c.Request) {
						return refuse(c, why)
					}
					return with(refuse(c, why), "app_id", c.AppID)
				}
			},
		},
		{
			Name: "serve-origin-ignored", Part: SyncPart, Kills: "sync.serve-origin",
			Defect: "INNGEST_SERVE_ORIGIN is ignored",
			Break: serveURL(func(c *reference.Context, _ string) string {
				return "http://" + c.Request.Host + c.Request.URL.Path
			}),
		},
		{
			Name: "failed-sync-is-a-success", Part: SyncPart, Kills: "sync.api-error",
			Defect: "a sync that fails at the API is reported with 200",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					response := sync(c)
					response.Status = http.StatusOK
					return response
				}
			},
		},
		{
			Name: "sync-kind-misspelled", Part: SyncPart, Kills: "inband.kind",
			Defect: "the response to an in-band sync has X-Inngest-Sync-Kind: in-band, with a hyphen",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncIn
				e.SyncIn = func(c *reference.Context) reference.Response {
					response := sync(c)
					response.Header.Set(reference.HeaderSyncKind, "in-band")
					return response
				}
			},
		},
		{
			Name: "sync-without-functions", Part: SyncPart, Kills: "inband.signed",
			Defect: "the response to an in-band sync does not contain the functions",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncIn
				e.SyncIn = func(c *reference.Context) reference.Response { return with(sync(c), "functions", []any{}) }
			},
		},
	}
}

// hostIn registers the host in a header field.
func hostIn(name string) func(c *reference.Context, url string) string {
	return func(c *reference.Context, url string) string {
		if host := c.Request.Header.Get(name); host != "" {
			return "https://" + host + c.Request.URL.Path
		}
		return url
	}
}

func serveURL(change func(c *reference.Context, url string) string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		make := e.ServeURL
		e.ServeURL = func(c *reference.Context) string { return change(c, make(c)) }
	}
}
