// Package suitetest judges the serve handler of a Go SDK from a Go test.
//
//	func TestConformance(t *testing.T) {
//		suitetest.Run(t, func(env map[string]string) http.Handler {
//			return newHandler(env) // your SDK, configured from env
//		}, suitetest.Claims(suite.TrustProbe, suite.InBand))
//	}
//
// The handler is served over loopback by a net/http server, once for every
// setup that the cases need. So are the stand-in for Inngest's API and the
// beacon, which shows that a function ran. Nothing else is needed: no process,
// no Inngest server, and no network but loopback.
//
// # The handler
//
// The handler function gets the environment of one setup as a map: the variables
// INNGEST_SIGNING_KEY, INNGEST_SIGNING_KEY_FALLBACK, INNGEST_DEV, INNGEST_ENV,
// INNGEST_EVENT_KEY, INNGEST_BASE_URL, INNGEST_API_BASE_URL,
// INNGEST_EVENT_API_BASE_URL and INNGEST_SERVE_ORIGIN, as far as they are set. A
// variable that is not in the map must count as not set. An SDK that reads the
// process's environment needs the option [ProcessEnv], one that has other names
// for them [Names].
//
// It returns a handler of an app with the id countersign and, besides [Run]'s own
// requests, the function
//
//   - echo, for the event countersign/echo, calls [CallBeacon] with data.nonce of
//     the event, and returns {"nonce": data.nonce}.
//
// Some capabilities need more, and only if they are claimed:
//
//   - [suite.Events]: a function send, for countersign/send, that does what echo
//     does and sends one event;
//   - [suite.Checkpoint]: a function step, for countersign/step, that does what
//     echo does in one step, with checkpoints enabled;
//   - [suite.CodeKey], [suite.CodeFallback], [suite.CodeMode]:
//     COUNTERSIGN_CODE_SIGNING_KEY, COUNTERSIGN_CODE_SIGNING_KEY_FALLBACK and
//     COUNTERSIGN_CODE_DEV, if it is set, is passed to the SDK's constructor;
//   - [suite.Connect]: if COUNTERSIGN_CONNECT is 1, POST [suite.WorkerPath] makes
//     the app connect to a gateway, closes the connection, and then responds with
//     200; with 500 and {"error": …} where it failed; and with 500 and
//     {"pending": true} after as many milliseconds as the query's limit.
//
// [Reference] is such a handler.
//
// # The verdicts
//
// The subtest of a case is named by its id: receiving.unsigned is
// TestConformance/receiving/unsigned. All cases are judged before the first
// subtest runs, also where `go test -run` selects only some of them, because
// cases share endpoints and controls. A failure says what the specification
// requires, what was sent, expected and observed, and how to run it again.
package suitetest
