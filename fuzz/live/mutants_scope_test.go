package live

import (
	"slices"
	"strings"
)

// Why the fuzzer does not find some mutants.
const (
	otherKeys      = "shows only with keys of another form, or with none"
	keysInCode     = "shows only with configuration in code"
	otherMode      = "shows only in another mode"
	apiFails       = "shows only when the API rejects, fails or redirects"
	servedAt       = "shows only where INNGEST_SERVE_ORIGIN is set, or is reported only (R11)"
	branch         = "shows only with INNGEST_ENV"
	content        = "concerns other contents of responses and API requests: the fuzzer checks only whether a request is accepted, and what leaks"
	responseMAC    = "concerns the signature of responses, which is optional"
	unspecifiedR9  = "R9: reads t as one number, and the MAC covers all of it, which is unspecified"
	unspecifiedR10 = "R10: rejects only bodies without a canonical form, which is unspecified"
	secondEvent    = "needs a second event or call beside the signed one, which the fuzzer does not add"
	otherContent   = "needs content that the fuzzer's bodies do not hold: the suite has a dictionary of it"
	afterAPause    = "shows only after a pause, which the fuzzer does not make"
	ownOutput      = "shows only in the output of the process"
	originNamed    = "needs a header or a parameter that names another origin or environment, which the fuzzer does not send"
	rareAge        = "shows only for signatures of one age"
	neverSent      = "refuses what Inngest never sends, which something in front of an endpoint may do, too"
	ofWorkers      = "concerns workers, which the fuzzer does not start"
	onPlatforms    = "shows where a platform sets its variables, and the fuzzer has one set-up"
	rareTogether   = "needs a certain kind of request with a certain deviation: rarely drawn together"
	secondOfRun    = "refuses a second valid call of a run, and those that the fuzzer sends again are forged"
	leavesNoneOut  = "needs a request without the header fields that Inngest sends, and the fuzzer leaves none out"
	notListed      = "needs a header field, a host, a parameter or a member that no dictionary of the fuzzer has: the suite has a case of it"
	twoRareChanges = "needs a body that only a strict parser rejects, and a MAC over the timestamp alone: rarely drawn together"
)

var outOfScope = map[string]string{
	otherKeys: `keyless-is-open keyless-unsigned-is-open absent-key-is-the-empty-one keyless-introspection-is-open keyless-sync-is-open prefix-is-a-key
		prefix-only-turns-off set-but-empty-is-a-key blank-is-a-key empty-primary-beside-fallback only-fallback-is-open bare-key-unknown bare-key-unverified
		branch-key-unknown two-words-are-a-prefix not-hex-is-empty not-hex-turns-off key-cut-off malformed-primary-locks-out malformed-primary-is-empty
		padding-kept padding-turns-off padding-becomes-empty fallback-set-but-empty fallback-equal-to-primary bare-key-hashed-wrongly branch-key-hashed-wrongly
		unusable-key-is-empty unusable-key-turns-off blanks-are-a-key blanks-turn-off quotes-turn-off quoted-key-is-empty placeholder-turns-off placeholder-is-empty
		test-key-malformed test-key-is-open`,
	keysInCode: `code-key-ignored code-key-unsigned code-key-uncompared code-key-not-for-sync code-key-not-for-reads code-fallback-ignored
		code-fallback-not-outbound code-dev-ignored code-cloud-ignored`,
	otherMode: `zero-is-dev false-is-dev dev-unless-production unstated-refuses zero-locks-out false-locks-out zero-is-lenient zero-without-key-is-dev true-is-cloud
		fallback-beats-dev dev-needs-a-key dev-refuses-signatures key-beats-dev dev-refuses-the-right-key origin-is-cloud dev-introspection-tells-the-key mode-always-cloud dev-introspection-tells-all
		any-value-is-dev`,
	apiFails: `no-retry no-retry-of-reads no-retry-on-403 no-retry-of-reads-on-403 retry-with-the-same-key fallback-first endless-pairs alone-tried-twice retry-on-400
		retry-on-404 retry-on-429 retry-on-500 retry-on-503 retry-reads-on-500 saved-sync-reported-as-failed redirects-followed redirects-of-reads-followed
		cut-is-a-refusal unreachable-is-a-success checkpoints-not-retried checkpoints-retried-on-500 failed-reads-ignored refused-reads-ignored
		failed-sync-is-a-success failed-sync-tells-the-bearer failed-read-tells-bearer failed-sync-shows-request hash-goes-elsewhere refused-reads-run-and-fail
		retry-on-every-error retry-of-syncs-on-every-error retry-on-every-server-error every-redirect-followed every-failed-read-ignored server-error-of-sync-ignored
		rejected-key-verifies-nothing`,
	ofWorkers: `worker-in-name-only worker-takes-wrong-gateway worker-without-bearer worker-hash-of-the-text worker-sends-key worker-sends-key-in-body
		worker-without-name worker-follows-redirects worker-without-environment worker-without-fallback worker-goes-back worker-drops-bearer
		worker-tells-key worker-never-gives-up worker-needs-no-key worker-hashes-nothing worker-falls-back-on-nothing worker-needs-key-in-dev worker-mixes-tokens-up
		worker-shows-gateway-key worker-tells-gateway-key worker-shows-gateway-hash worker-retries-on-500 worker-retries-on-429`,
	onPlatforms: `off-in-previews off-in-deploy-previews off-for-pull-requests off-in-railway-environments off-on-pages off-on-build-machines off-in-tests
		off-in-development off-in-emulators platform-is-trusted off-under-pytest locked-out-under-test local-time local-time-both-ways local-time-in-the-east
		no-window-in-tests platform-branch-not-sent vercel-branch-unknown netlify-branch-unknown render-branch-unknown railway-branch-unknown
		pages-branch-unknown platform-over-environment`,
	servedAt: `host-believed forwarded-host-believed forwarded-proto-believed body-url-believed in-band-origin-ignored serve-origin-ignored steps-at-the-forged-host
		serve-origin-lets-unsigned-in serve-origin-lets-any-mac-in serve-origin-has-no-window url-in-query-believed original-url-believed`,
	branch: `branch-unverified refusal-names-the-branch no-environment no-environment-in-reads events-without-environment`,
	content: `no-sdk-header no-sdk-header-in-reads deploy-id-dropped deploy-id-registered server-kind-dropped modified-dropped has-key-wrong has-fallback-wrong
		mode-always-dev sdk-unnamed`,
	responseMAC: `answer-unsigned answer-signed-with-primary other-bytes-signed signs-refusals signs-unauthenticated-introspections
		signs-unsigned-syncs signs-refused-in-band-syncs signs-other-methods`,
	unspecifiedR9: `t-leading-zeros t-plus-dropped t-blank-before-dropped t-blank-behind-dropped t-in-arabic-digits t-in-fullwidth-digits t-many-zeros t-in-hex
		t-like-strconv t-like-java-long t-like-python-int`,
	unspecifiedR10: `canonical-form-only invalid-utf8-replaced`,
	secondEvent: `first-member-signed last-member-signed inner-duplicates-differ names-end-at-nul other-case-ignored wrapper-not-covered
		first-document-signed last-document-signed query-overrides-event query-in-place-of-body`,
	otherContent: `escapes-del drops-byte-order-marks composes-accents replaces-noncharacters drops-c1-controls ends-texts-at-nul turns-line-breaks trims-texts
		decodes-percent-signs floats-for-integers decimals-rounded integers-in-64-bits drops-prototype drops-empty-names sorts-numeric-names
		sorts-by-code-point names-in-lower-case shallow-parser drops-empty-values few-members object-as-text small-batches-only
		one-digit-attempts firewalled-texts nulls-not-covered`,
	rareTogether: `platform-header-syncs query-method-runs-functions public-path-needs-no-signature short-beginning-is-enough chunks-not-read unknown-environment-has-an-empty-key
		fallback-not-for-large-bodies`,
	notListed: `key-from-the-request streams-need-no-signature upgrades-need-no-signature without-a-step-trusted test-environments-need-no-signature
		ipv6-loopback-decides private-address-decides internal-name-decides container-host-decides mdns-name-decides test-name-decides`,
	secondOfRun:   `one-call-for-each-run`,
	leavesNoneOut: `without-a-run-id-trusted`,
	afterAPause:   `idle-opens`,
	ownOutput:     `logs-the-key logs-the-bearer logs-the-environment`,
	originNamed:   `api-from-original-host api-from-forwarded api-from-query api-from-origin-for-reads environment-from-header environment-from-query`,
	rareAge:       `mac-in-base64 mac-in-base64url mac-in-upper-case mac-between-colons mac-as-numbers mac-in-hex-in-base64`,
	neverSent:     `chunks-unread`,
	twoRareChanges: `strict-parser-fails-open nan-fails-open comments-fail-open byte-order-mark-fails-open nul-fails-open utf-16-fails-open
		arrays-fail-open blank-fails-open canonicaliser-leaves-null canonicaliser-leaves-object`,
}

func reasonOf(mutant string) string {
	for reason, names := range outOfScope {
		if slices.Contains(strings.Fields(names), mutant) {
			return reason
		}
	}
	return ""
}
