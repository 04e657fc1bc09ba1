package suite

import (
	"net/http"
)

// The other dictionaries of deviations.
const (
	QueryParameters Dictionary = "query parameters"
	Methods         Dictionary = "methods, with a function's id and a body"
	Paths           Dictionary = "paths"
	ContentTypes    Dictionary = "content types, charsets and encodings"
	ReservedNames   Dictionary = "reserved names of events, steps and functions"
	FunctionIDs     Dictionary = "function ids"
	Sizes           Dictionary = "sizes of the body"
	LargeSizes      Dictionary = "sizes of the body, from one byte to 3 MiB"
	Versions        Dictionary = "versions of HTTP"
)

// dictionaries are the entries of each dictionary, the likeliest first.
var dictionaries = map[Dictionary][]Fields{
	RequestHeaders:  withHeaders(headerLines),
	Credentials:     append(withHeaders(credentialLines), withQueries(credentialQueries)...),
	QueryParameters: withQueries(queryLines),
	Methods:         withMethods(),
	Paths:           withPaths(),
	ContentTypes:    withContentTypes(),
	ReservedNames:   withNames(),
	PayloadMembers:  withMembers(memberLines),
	FunctionIDs:     withFunctions(),
	Sizes: append(
		append([]Fields{{Body: ShortestCall}, {Body: EmptyObject}}, withSizes(32<<10+1, 64<<10+1, 100<<10+1, 1<<20+1)...), // the common limits
		withSizes(4<<10+1, 8<<10+1, 16<<10+1, 32<<10-1, 64<<10-1, 100_000+1, 128<<10+1, 256<<10+1)...,
	),
	LargeSizes:      append(withSizes(512<<10+1, 1_000_000+1, 2<<20+1, 3<<20), Fields{Body: Scalar}),
	Versions:        {{Version: "HTTP/1.0"}},
	GuessableKeys:   withKeys(guessable),
	RareKeys:        withKeys(rarelyGuessable),
	NeighbourKeys:   withDerived(neighbours),
	AlteredKeys:     withDerived(altered),
	KeyedHashes:     keyedHashes,
	KeylessHashes:   keylessHashes,
	NamedAlgorithms: namedAlgorithms,
	PartialMACs:     partialMACs,
	GuessedMACs:     guessedMACs,
	EveryDigit:      everyDigit(),
	EveryLength:     everyLength(),
}

// queryLines has parameters that a framework, a proxy or an endpoint may read, with
// the values that mean yes.
const queryLines = `
debug=1 | true
dev=1 | true
test=1 | true
mode=dev | test
env=dev | test
inngest_dev=1
INNGEST_DEV=1
inngest_mode=dev
server_kind=dev
serverKind=dev
kind=dev
x-inngest-server-kind=dev
probe=health | none
trust=1
trusted=true
internal=1 | true
admin=1 | true
role=admin
user=admin
auth=1 | none
authenticated=true
authorized=true
token=undefined | null
access_token=test
key=test
api_key=test
apikey=test
secret=test
signingKey=test
signing_key=test
password=test
bypass=1 | true
bypassAuth=1
skip=1
skipAuth=1
skip_auth=1
skipVerification=1
skipSignature=1
skip_signature=1
skipVerify=true
noauth=1
no_auth=1
noverify=1
noVerify=1
verify=false | 0
verification=off
verified=true
signed=true
validate=0
check=0
force=1
dryRun=1
dry_run=1
preview=1
draft=1
local=1
localhost=1
health=1
healthcheck=1
ping=1
status=1
cron=1
job=1
replay=1
rerun=1
retry=1
resume=1
invoke=1
sync=1
introspect=1
connect=1
checkpoint=1
stepRun=1
stream=1 | true
runId=test
deployId=test
method=GET
_method=GET | PUT
_format=json
format=json
callback=x
signature=0
X-Inngest-Signature=t%3D0%26s%3D0
x-vercel-protection-bypass=1
x-vercel-set-bypass-cookie=true
nxtPpath=x
_rsc=1
__nextDataReq=1
path=x
url=http%3A%2F%2Flocalhost
host=localhost
origin=http%3A%2F%2Flocalhost
redirect=%2F
XDEBUG_SESSION_START=1
profile=1
trace=1
verbose=1
sandbox=1
v=0
version=0
beta=1
`

const credentialQueries = `
key={event-key} | {hash}
token={bearer} | {event-key}
access_token={bearer}
signingKey={hash}
apiKey={event-key}
eventKey={event-key}
secret={hash}
`

// withQueries are deviations of one query parameter each.
func withQueries(table string) []Fields {
	return withEach(table, "=", func(parameter string) Fields { return Fields{Query: parameter} })
}

// withMethods are methods other than that of a call.
func withMethods() []Fields {
	var all []Fields
	for _, method := range []string{
		http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodHead, "QUERY", "REPORT", http.MethodTrace,
	} {
		all = append(all, Fields{Method: method})
	}
	return all
}

// withPaths are paths that a router may take for the endpoint's, and a guard not, or
// that a guard may take for a public page.
func withPaths() []Fields {
	var all []Fields
	for _, path := range []string{
		"{path}/", "/{path}", "/API/INNGEST", "/api/%69nngest", "/api//inngest", "{path}.env", "{path}/health", "{path}.js", "/./api/inngest",
		"{path};a=1", "{path}.json", "{path}%2f", "/public/..{path}", "{path}/x", "{path}//", "{path}%00", "{path}/.well-known/health", "http://{host}{path}",
	} {
		all = append(all, Fields{Path: path})
	}
	return all
}

// withContentTypes are forms in which a body may reach a function and not the
// verifier.
func withContentTypes() []Fields {
	var all []Fields
	for _, contentType := range []string{
		"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/octet-stream",
		"application/cloudevents+json", "application/json; charset=utf-16", "text/json", "application/vnd.api+json",
		"application/xml", "application/json-patch+json", "application/x-ndjson", "*/*", "APPLICATION/JSON", "application/json;charset=iso-8859-1", "application/graphql",
		"application/json, text/plain", "application/msgpack", "application/cbor", "text/html", "application/json; boundary=x",
	} {
		all = append(all, Fields{ContentType: contentType})
	}
	for _, field := range []string{
		"Content-Encoding: identity", "Content-Encoding: none", "Content-Transfer-Encoding: base64", "Content-Encoding: x-test",
	} {
		all = append(all, Fields{Headers: field})
	}
	return all
}

// withNames are names that Inngest reserves, or that an endpoint may treat as its
// own. Each request has one of each kind.
func withNames() []Fields {
	var all []Fields
	for _, pair := range [][2]string{
		{InvokedEvent, "trust"}, {"inngest/function.failed", "probe"}, {"inngest/function.finished", "init"}, {"inngest/scheduled.timer", "health"},
		{"inngest/function.cancelled", "debug"}, {"internal/test", "test"}, {"inngest/connect.worker", "introspect"}, {"test/hello.world", "sync"},
		{"inngest/sdk.ping", "__proto__"}, {"health", "0"}, {"inngest/experimental", "-1"}, {"app/test", "internal"},
	} {
		all = append(all, Fields{Event: pair[0]}, Fields{Step: pair[1]})
	}
	return all
}

// withFunctions are ids of functions that the target registered, or may have
// registered by itself.
func withFunctions() []Fields {
	var all []Fields
	for _, id := range []string{StepID, SendID, EchoID + "-failure", AppID, EchoID + "&fnId=inngest-health"} {
		all = append(all, Fields{Function: id})
	}
	return all
}

// withSizes are bodies of these sizes in bytes.
func withSizes(sizes ...int) []Fields {
	var all []Fields
	for _, size := range sizes {
		all = append(all, Fields{Size: size})
	}
	return all
}

// Deviations are the dictionary's entries. Each is a request of which only the
// fields are set that deviate.
func (d Dictionary) Deviations() []Fields { return dictionaries[d] }
