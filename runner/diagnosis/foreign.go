package diagnosis

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// foreigner is something other than an SDK that responds, and how it shows.
type foreigner struct {
	id, cause, fix string
	shows          func(x exchange, origin *url.URL) bool
}

var (
	botWall  = regexp.MustCompile(`(?i)just a moment\.\.\.|attention required!|challenge-platform|captcha|datadome|_incapsula_resource|enable javascript and cookies|checking your browser|bot (protection|detection|management)|security checkpoint`)
	denied   = regexp.MustCompile(`(?i)access denied|request blocked|forbidden|mod_security|error code: 10\d\d|restrict access|web application firewall|request could not be satisfied`)
	token    = regexp.MustCompile(`(?i)\bbearer\b|api[ -]?key|access token|authentication token|\bjwt\b|not logged in|log ?in required`)
	ofEdge   = regexp.MustCompile(`(?i)^server: (cloudflare|cloudfront|awselb|akamai|nginx|openresty|vercel|netlify|envoy|google frontend|microsoft-azure)`)
	unparsed = regexp.MustCompile(`(?i)syntaxerror|unexpected (token|end|non-whitespace)|json.{0,20}(parse|decode|invalid)|(parse|decode|invalid).{0,20}json|unterminated string`)
	botField = regexp.MustCompile(`(?i)cf-mitigated: challenge|x-datadome|x-vercel-mitigated|x-amzn-waf-action`)
	login    = regexp.MustCompile(`(?i)\b(log[- ]?in|sign[- ]?in|sso|saml|oauth2?|authorize|cloudflareaccess|okta|auth0)\b`)
	loginURL = regexp.MustCompile(`(?i)log-?in|sign-?in|/sso|sso-|saml|oauth|authorize|cloudflareaccess|okta|auth0`)
	edgePage = regexp.MustCompile(`(?i)bad gateway|gateway time-?out|service (temporarily )?unavailable|application (error|failed to respond)|err_ngrok|no such app|deployment_not_found|function_invocation|upstream (connect|request)|web server is down|host error|tunnel .{0,40}not found|could not be satisfied|maintenance`)
	// serverPage is what servers before an app write below their own errors.
	serverPage = regexp.MustCompile(`(?i)<center>(nginx|openresty|cloudflare)`)
	hostRule   = regexp.MustCompile(`(?i)invalid host header|disallowedhost|host_not_allowed|host .{0,60}(is )?not allowed|blocked request\. this host|invalid http_host|misdirected`)
	csrf       = regexp.MustCompile(`(?i)csrf|cross-site request|invalidauthenticitytoken`)
	noBody     = regexp.MustCompile(`(?i)(missing|empty|no|undefined) (request |json )?body|body.{0,20}(cannot be |is )?(empty|missing|required)|unexpected end of (json|input)`)
	tlsPort    = regexp.MustCompile(`(?i)plain http request was sent to https|http request to an https server|client sent an http request`)
)

// foreigners are looked for in this order: the more telling ones come first. None
// of them is looked for in a response of an SDK.
var foreigners = []foreigner{
	{
		"tls-port", "the port speaks HTTPS, and the URL says http", "use https:// in the URL",
		func(x exchange, _ *url.URL) bool { return x.status() == http.StatusBadRequest && x.says(tlsPort) },
	},
	{
		"bot-wall", "a bot wall before the app responds with a challenge", "let requests for the endpoint's path pass without a challenge: Inngest cannot solve it",
		func(x exchange, _ *url.URL) bool {
			return botField.MatchString(headers(x)) || x.status() != http.StatusNotFound && isPage(x) && x.says(botWall)
		},
	},
	{
		"sso-wall", "a login before the app responds in its place", "exempt the endpoint's path from the login (deployment protection, single sign-on); requests are authenticated by their signature",
		func(x exchange, origin *url.URL) bool {
			to := locationOf(x, origin)
			switch {
			case to != nil:
				return loginURL.MatchString(to.Host+to.Path) && !loginURL.MatchString(origin.Host+origin.Path)
			case strings.Contains(headers(x), "_vercel_sso_nonce"):
				return true
			}
			return isPage(x) && (x.status() == http.StatusOK || x.status() == http.StatusUnauthorized || x.status() == http.StatusForbidden) &&
				x.says(login) && x.says(regexp.MustCompile(`(?i)type="?password|authentication required|<form|single sign`))
		},
	},
	{
		"auth-wall", "a password or token is asked for before the app", "exempt the endpoint's path from it; requests are authenticated by their signature",
		func(x exchange, _ *url.URL) bool {
			refused := x.status() == http.StatusUnauthorized || x.status() == http.StatusForbidden || x.status() == http.StatusProxyAuthRequired
			return refused && (header(x, "WWW-Authenticate", "Proxy-Authenticate") != "" || x.says(token))
		},
	},
	{
		"redirect-https", "it redirects to HTTPS", "use the https URL: the signature header and the body are not sent again after a redirect",
		func(x exchange, origin *url.URL) bool {
			to := locationOf(x, origin)
			return to != nil && origin.Scheme == "http" && to.Scheme == "https" && to.Hostname() == origin.Hostname()
		},
	},
	{
		"redirect-slash", "it redirects because of a slash at the end of the path", "register the URL that it redirects to, or serve the endpoint at both: a redirected POST is lost",
		func(x exchange, origin *url.URL) bool {
			to := locationOf(x, origin)
			return to != nil && to.Host == origin.Host && to.Path != origin.Path && strings.Trim(to.Path, "/") == strings.Trim(origin.Path, "/")
		},
	},
	{
		"redirect", "it redirects to another place", "give the URL that it redirects to: a redirected POST is lost",
		func(x exchange, origin *url.URL) bool { return locationOf(x, origin) != nil },
	},
	{
		"host-check", "the app or its server refuses the host name", "allow this host name in the app's or the dev server's settings",
		func(x exchange, _ *url.URL) bool { return x.status()/100 == 4 && x.says(hostRule) },
	},
	{
		"csrf", "a protection against cross-site requests refuses the POST", "exempt the endpoint from it; requests are authenticated by their signature",
		func(x exchange, _ *url.URL) bool { return x.status()/100 == 4 && x.says(csrf) },
	},
	{
		"edge-error", "the edge before the app responds with an error page: the app is down, starting, or not reachable from it", "look at the deployment and its log, and start the app",
		func(x exchange, _ *url.URL) bool { return x.edgeFailed() },
	},
	{
		"access-denied", "something before the app refuses the request: a firewall, a list of addresses, or the platform's protection", "let requests for the endpoint's path pass; they are authenticated by their signature",
		func(x exchange, _ *url.URL) bool {
			s := x.status()
			return (s == http.StatusForbidden || s == http.StatusNotAcceptable || s == http.StatusUnauthorized) && isPage(x) ||
				s == http.StatusForbidden && (x.says(denied) || ofEdge.MatchString(serverOf(x)))
		},
	},
	{
		"wrong-path", "wrong path: the app's server responds, and no SDK is served there", "use the path at which the app serves the SDK's handler, often /api/inngest",
		func(x exchange, _ *url.URL) bool {
			return x.status() == http.StatusNotFound || x.status() == http.StatusGone
		},
	},
	{
		"body-lost", "the body does not arrive: something on the way removes it", "let the proxy pass bodies on",
		func(x exchange, _ *url.URL) bool { return x.status() == http.StatusBadRequest && x.says(noBody) },
	},
	{
		"wrong-method", "the route does not take this method", "route GET, POST and PUT to the SDK's handler",
		func(x exchange, _ *url.URL) bool {
			return x.status() == http.StatusMethodNotAllowed || x.status() == http.StatusNotImplemented
		},
	},
	{
		"content-type", "the server does not take JSON there", "let the route take application/json: add the body parser that the SDK's handler needs",
		func(x exchange, _ *url.URL) bool { return x.status() == http.StatusUnsupportedMediaType },
	},
	{
		"body-limit", "the server refuses the size of the body", "raise the limit to at least 4 MiB, which is what Inngest sends at most",
		func(x exchange, _ *url.URL) bool { return x.status() == http.StatusRequestEntityTooLarge },
	},
	{
		"not-an-sdk", "something else responds: a page or a service, not an SDK", "give the URL of the SDK's handler; a catch-all route may hide it",
		func(x exchange, _ *url.URL) bool { return x.status()/100 == 2 },
	},
}

// edgeFailed reports whether the edge before the app says that it did not reach the app.
func (x exchange) edgeFailed() bool {
	s := x.status()
	return s >= http.StatusBadGateway && s <= http.StatusGatewayTimeout || s >= 520 && s <= 530 || header(x, "X-Vercel-Error") != "" ||
		s/100 >= 4 && s != http.StatusUnauthorized && x.says(edgePage) || s/100 == 5 && x.says(serverPage)
}

func serverOf(x exchange) string { return "server: " + header(x, "Server") }

// isPage reports whether a response is a page for people.
func isPage(x exchange) bool {
	return strings.Contains(strings.ToLower(header(x, "Content-Type")), "html") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(string(x.got.Body))), "<!doctype html")
}

// locationOf is where a response redirects to; nil if it does not.
func locationOf(x exchange, origin *url.URL) *url.URL {
	location := header(x, "Location")
	if x.status()/100 != 3 || location == "" {
		return nil
	}
	to, err := origin.Parse(location)
	if err != nil {
		return nil
	}
	return to
}

// foreign says what responds in an SDK's place; nil if it may be an SDK.
func (e *examination) foreign(x exchange) *foreigner {
	if !x.responded() || x.bySDK() {
		return nil
	}
	origin, err := url.Parse(e.connection.String())
	if err != nil {
		return nil
	}
	for i := range foreigners {
		if foreigners[i].shows(x, origin) {
			return &foreigners[i]
		}
	}
	return nil
}
