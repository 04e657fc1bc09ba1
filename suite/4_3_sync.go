package suite

import (
	"net/http"
	"strings"
)

const servedAt = "https://app.countersign.example"

// syncing: SPEC 4.3 — out-of-band sync.
func syncing() []Case {
	fixed := Setup{ServeOrigin: servedAt}
	forged := "attacker.countersign.example"
	return []Case{
		{
			ID: "sync.registers", Clause: cite("4.3.2", 1), Seed: "KEYS 2", Level: Must, Risk: Interoperability, Tier: Smoke,
			Title: "a PUT makes the SDK register its functions with the API, and is answered as a success",
			When:  Sync{}, Then: and(accepted(), askedAPI(Primary)),
		},
		{
			ID: "sync.deploy-id", Clause: cite("4.3.2", 2), Seed: "KEYS 2", Level: Must, Risk: Interoperability,
			Title: "the deployId of a sync is set on the register request",
			When:  Sync{}, Then: everyAsked("has the deployId", func(a Asked) bool { return strings.Contains(a.Query, "deployId=01") }),
		},
		{
			ID: "sync.deploy-id-not-registered", Clause: cite("4.3.2", 2), Seed: "KEYS 2", Level: Must, Risk: Interoperability,
			Title: "the deployId of a sync is not part of the registered URL",
			When:  Sync{}, Then: registered("has no deployId", func(url string) bool { return !strings.Contains(url, "deployId") }),
		},
		{
			ID: "sync.server-kind", Clause: cite("4.3.2", 4), Seed: "KEYS 7", Level: Should, Risk: Interoperability,
			Title: "the server's kind is forwarded as the expected one",
			When:  Sync{}, Then: everyAsked("has X-Inngest-Expected-Server-Kind", hasHeader("X-Inngest-Expected-Server-Kind", serverKind)),
		},
		{
			ID: "sync.unsigned", Clause: cite("4.3.1", 0), Seed: "KEYS 1", Level: May, Risk: Disclosure, Reading: "R11",
			Title: "an unsigned out-of-band sync is carried out, or refused",
			When:  Sync{Unsigned: true}, Then: reported(statusOf),
		},
		{
			ID: "sync.unsigned-quiet", Clause: cite("4.3.1", 0), Seed: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "whoever triggers a sync learns nothing privileged by it",
			When:  Sync{Unsigned: true}, Then: keepsQuiet(),
		},
		{
			ID: "sync.answer", Clause: cite("4.3.1", 0), Seed: "KEYS 2", Level: Must, Risk: Interoperability,
			Title: "a sync that succeeded is answered with the API's modified",
			When:  Sync{}, Then: hasField("modified", true),
		},
		{
			ID: "sync.forged-host", Clause: cite("3.2", 4), Seed: "KEYS 2", Level: Must, Risk: Forgery, Reading: "R11",
			Title: "with INNGEST_SERVE_ORIGIN set, a forged Host does not change the registered URL",
			Given: fixed, When: Sync{Unsigned: true, Host: forged}, Then: registersOnly(servedAt),
		},
		{
			ID: "sync.forged-forwarded-host", Clause: cite("3.2", 4), Seed: "KEYS 2", Level: Must, Risk: Forgery, Reading: "R11",
			Title: "with INNGEST_SERVE_ORIGIN set, a forged X-Forwarded-Host does not change the registered URL",
			Given: fixed, When: Sync{Unsigned: true, Headers: "X-Forwarded-Host: " + forged}, Then: registersOnly(servedAt),
		},
		{
			ID: "sync.serve-origin", Clause: cite("3.2", 4), Seed: "KEYS 2", Level: Must, Risk: Lockout,
			Title: "INNGEST_SERVE_ORIGIN is the origin of the registered URL",
			Given: fixed, When: Sync{}, Then: registered("is at INNGEST_SERVE_ORIGIN", atOrigin(servedAt)),
		},
		{
			ID: "sync.api-error", Clause: cite("4.3.3", 0), Seed: "KEYS 2", Level: Should, Risk: Interoperability,
			Title: "a sync that the API fails is answered with an error status",
			When:  Sync{APIAnswers: http.StatusInternalServerError}, Then: callerTold(),
		},
	}
}

func atOrigin(origin string) func(string) bool {
	return func(url string) bool { return strings.HasPrefix(url, origin+"/") }
}

// registersOnly: nothing but URLs at the origin is ever registered; registering
// nothing at all is fine, too (reading R11).
func registersOnly(origin string) Expectation {
	return Expectation{
		Owed:     "no URL is registered but at " + origin,
		negative: true,
		want: outcome("register nothing else", func(o Outcome) bool {
			return o.answered() && all(registeredURLs(o), atOrigin(origin))
		}),
	}
}
