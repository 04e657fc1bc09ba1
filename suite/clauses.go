package suite

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
)

// Citation is a reference to a clause of the SDK specification, with the line of
// the catalogue that cites it.
type Citation struct {
	Section string // "4.1.3"
	Item    int    // the number of a sentence or entry in the section; 0 is the section as a whole
	Line    string // "4_1_3_receiving.go:42"
}

// String is the clause as reports cite it: "SPEC 4.1.3(4)".
func (c Citation) String() string {
	if c.Item == 0 {
		return "SPEC " + c.Section
	}
	return fmt.Sprintf("SPEC %s(%d)", c.Section, c.Item)
}

// Text summarises the clause. It is empty if there is no such clause.
func (c Citation) Text() string {
	items := clauses[c.Section]
	if c.Item < 0 || c.Item >= len(items) {
		return ""
	}
	return items[c.Item]
}

// ParseCitation parses the output of [Citation.String]. A clause that the suite
// does not know is an error.
func ParseCitation(text string) (Citation, error) {
	parts := citationForm.FindStringSubmatch(text)
	if parts == nil {
		return Citation{}, fmt.Errorf("%q is no clause, like SPEC 4.1.3(4)", text)
	}
	c := Citation{Section: parts[1]}
	if parts[2] != "" {
		c.Item, _ = strconv.Atoi(parts[2]) // only digits match the form
	}
	if c.Text() == "" || c.String() != text {
		return Citation{}, fmt.Errorf("the suite knows no clause %s", text)
	}
	return c, nil
}

var citationForm = regexp.MustCompile(`^SPEC ([0-9.]+)(?:\((\d+)\))?$`)

func cite(section string, item int) Citation {
	_, file, line, _ := runtime.Caller(1)
	return Citation{section, item, fmt.Sprintf("%s:%d", filepath.Base(file), line)}
}

// clauses summarises the clauses about keys, signatures, bearer tokens, modes and
// refusals, by section and item. Item 0 is the section as a whole.
var clauses = map[string][]string{
	"3.1": {
		"critical variables configure an SDK; the fallback key is used whenever the signing key fails",
		"INNGEST_EVENT_KEY holds the event key",
		"INNGEST_SIGNING_KEY holds the signing key, for contacting the API and for verifying requests",
		"INNGEST_SIGNING_KEY_FALLBACK must be tried any time the signing key fails, for signatures and for API requests",
		"INNGEST_ENV must set X-Inngest-Env on requests to Inngest",
	},
	"3.2": {
		"optional variables configure an SDK",
		"INNGEST_DEV points the SDK at a dev server: `1` or an origin",
		"INNGEST_API_BASE_URL says where the API is",
		"INNGEST_EVENT_API_BASE_URL says where events go",
		"INNGEST_SERVE_ORIGIN sets the origin at which the endpoint is found",
		"INNGEST_SERVE_PATH sets the path at which the endpoint is found",
	},
	"4.1.1": {
		"headers between Inngest and SDKs",
		"X-Inngest-Sdk names the SDK and its version on requests and responses",
		"X-Inngest-Signature is a query string of t and s; s is a hex HMAC-SHA256 of the body and the timestamp",
		"X-Inngest-Env names the environment",
		"X-Inngest-Server-Kind must not decide whether requests are verified",
		"X-Inngest-Expected-Server-Kind forwards the server's kind when syncing",
		"X-Inngest-Sync-Kind names the kind of a sync",
	},
	"4.1.2": {
		"headers of responses",
		"the response to a call has X-Inngest-Sdk",
		"the response to a call has X-Inngest-Req-Version 2",
	},
	"4.1.3": {
		"a request expected from Inngest must be validated",
		"with a dev server, signatures should neither be verified nor expected",
		"without a signing key the request must be refused",
		"in cloud mode a request without the signature header must be refused",
		"a timestamp that is not within the last five minutes must be refused",
		"the HMAC over body and timestamp, with the prefix removed from the key, must equal s exactly",
	},
	"4.1.4": {
		"requests to Inngest",
		"requests to Inngest carry the same headers as responses",
		"requests to Inngest carry the hashed signing key as a bearer token",
	},
	"4.2.1": {
		"an SDK targets one kind of server, by default Inngest Cloud",
		"INNGEST_DEV with an origin makes that origin the server; another non-zero value, the default dev server",
	},
	"4.2.2": {
		"requests must be verified; a dev server must not require it",
		"INNGEST_DEV turns verification off",
	},
	"4.2.3": {"the origins of API requests and events can be set"},
	"4.3.1": {"a PUT starts a sync; anyone may trigger it; its response is message and modified"},
	"4.3.2": {
		"an out-of-band sync registers the app's functions with Inngest",
		"the SDK posts its functions to <api>/fn/register",
		"a deployId of the sync request is set on the register request, and is not part of the registered URL",
		"the register request adheres to the rules for requests to Inngest",
		"X-Inngest-Server-Kind should be forwarded as X-Inngest-Expected-Server-Kind",
	},
	"4.3.3": {"the response to a failed sync is 500, with a message and modified: false"},
	"4.3.4": {"the response to a successful sync carries `modified` as Inngest returned it"},
	"4.3.5": {"an SDK may respond to a sync in-band, indicated by X-Inngest-Sync-Kind"},
	"4.4.1": {
		"a call is a POST that must be verified",
		"fnId names the function; the response for an unknown one is 500",
	},
	"4.4.2": {
		"with use_api the SDK reads events and steps from the API, by the rules for requests to Inngest",
		"if the API fails, the response to the call is 500",
	},
	"4.4.3": {"a call runs the function and returns 200 with its result"},
	"4.5": {
		"a GET gets a response; a signature that is present must be verified",
		"without a valid signature the response is the unauthenticated one, without privileged information",
		"with a valid signature the response is the authenticated one",
		"hashes of keys in the response are SHA-256",
	},
	"8.5.1": {
		"before a worker connects it sends POST <api>/v0/connect/start with the hashed key",
		"a start rejected with 401 is retried with the fallback key; a second rejection is fatal",
		"after other errors the worker tries again later",
	},
	"8.5.2": {
		"the worker connects to the gateway that the API names, which greets it",
		"the worker introduces itself with WORKER_CONNECT, which contains the tokens of the start's response",
	},
	"8.6":    {"a worker that lost its connection connects again"},
	"10.3.2": {"the checkpoints of a run that the SDK starts itself carry the hashed key"},
	"10.3.3": {"checkpoints should be tried again after transient failures"},
	"10.3.1": {"a checkpoint is a POST to <api>/v1/checkpoint/<run>/async with the hashed key"},
	"10.3.4": {"a checkpoint rejected with 401 should be retried with the fallback key"},
	"7": {
		"the mode is cloud unless INNGEST_DEV says dev",
		"in cloud mode every signature is required and verified",
		"in dev mode a signature is validated only if it is present and a key is set",
	},
}

// Sources summarises Inngest's documentation of signing keys, sentence by sentence.
var Sources = map[string]string{
	"KEYS 1":  "every request to a serve endpoint is signed, and an SDK refuses what is not authenticated",
	"KEYS 2":  "requests to the API carry the signing key as a bearer token",
	"KEYS 3":  "a timestamp is part of what is signed, and old requests are refused",
	"KEYS 4":  "the key comes from INNGEST_SIGNING_KEY or from code",
	"KEYS 5":  "INNGEST_SIGNING_KEY_FALLBACK holds the second key",
	"KEYS 6":  "the Dev Server needs no signing key",
	"KEYS 7":  "an SDK detects production or development mode, and development mode disables verification",
	"KEYS 8":  "INNGEST_DEV=1 forces development mode",
	"KEYS 9":  "keys are rotated without downtime, from a minimum SDK version",
	"KEYS 10": "authentication failures are retried with the fallback key",
	"KEYS 11": "on Vercel the key is a variable that is set up once and rotated by hand",
	"KEYS 12": "branch environments share one key, and a second variable picks the branch",
}
