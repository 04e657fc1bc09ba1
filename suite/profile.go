package suite

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// Profile is a way to score ambiguities.
type Profile string

// The profiles.
const (
	// ProfileDefault scores what holds under every interpretation of the
	// specification, and what security requires.
	ProfileDefault Profile = "default"
	// ProfileSpec also scores the literal text of the specification.
	ProfileSpec Profile = "spec"
)

// Catalogue returns all cases as the profile scores them.
func (p Profile) Catalogue() []Case {
	cases := Catalogue()
	if p != ProfileSpec {
		return cases
	}
	for i := range cases {
		if change, differs := specProfile[cases[i].ID]; differs {
			change(&cases[i])
		}
	}
	return cases
}

// specProfile maps cases to what the literal text of the specification changes.
// The comments name the ambiguity.
var specProfile = func() map[string]func(*Case) {
	changes := map[string]func(*Case){
		"introspection.unsigned":             requiring(Must, func() Expectation { return and(disclosesNothing(), saysAuthentication(nil)) }), // R2
		"introspection.wrong-key":            requiring(Must, func() Expectation { return and(refused(), saysAuthentication(false)) }),        // R2
		"dev.forced-wrong-key":               requiring(Should, refused),                                                                      // R3
		"headers.s-before-t":                 requiring(Should, accepted),                                                                     // R7
		"calls.unknown-function":             requiring(Must, func() Expectation { return and(respondsWithError(), statusIs500()) }),          // R12
		"introspection.key-hash":             requiring(Must, hasKeyHash),                                                                     // R13
		"receiving.refusal-names-sdk":        requiring(Must, func() Expectation { return and(refused(), namesSDK()) }),                       // R19
		"sending.bearer-prefix":              requiring(Should, keepsPrefix),                                                                  // R22
		"sync.without-kind":                  requiring(Should, func() Expectation { return contactsAPIWith(Primary) }),                       // R25
		"sync.deploy-id-not-registered":      level(Must),                                                                                     // R30
		"modes.unstated":                     level(Must),                                                                                     // R20
		"keys.fallback-after-forbidden":      level(May),                                                                                      // R16
		"sending.use-api-fallback-forbidden": level(May),                                                                                      // R16
	}
	for _, id := range []string{"receiving.unsigned", "receiving.wrong-key", "keys.absent", "keys.absent-unsigned"} { // R1
		changes[id] = requiring(Must, func() Expectation { return and(refused(), statusIs500()) })
	}
	for _, id := range []string{"modes.zero", "modes.false", "modes.zero-wrong-key"} { // R4
		changes[id] = func(c *Case) { c.Level, c.Then = May, reported(acceptedOrRefused) }
	}
	for _, id := range []string{ // R5 and R6
		"receiving.expired", "receiving.expired-an-hour", "receiving.expired-a-year", "receiving.future", "receiving.future-a-day",
		"receiving.future-ten-years", "keys.fallback-future", "keys.fallback-expired", "introspection.future", "inband.future",
		"receiving.expired-epoch", "introspection.expired", "inband.expired", "calls.probe-expired",
	} {
		changes[id] = level(Should)
	}
	return changes
}()

func requiring(l Level, then func() Expectation) func(*Case) {
	return func(c *Case) { c.Level, c.Then = l, then() }
}

func level(l Level) func(*Case) { return func(c *Case) { c.Level = l } }

func statusIs500() Expectation {
	return Expectation{
		Requirement: "the status is 500",
		Checks:      check("respond with 500", func(o Observation) bool { return o.Response.Status == http.StatusInternalServerError }),
	}
}

// saysAuthentication expects the unauthenticated response of SPEC 4.5.
func saysAuthentication(want any) Expectation {
	said := "null"
	if want != nil {
		said = fmt.Sprint(want)
	}
	return Expectation{
		Requirement: "the response is 200, with authentication_succeeded: " + said,
		Checks: check("report how authentication went", func(o Observation) bool {
			value, there := o.Object()["authentication_succeeded"]
			return o.Response.Status == http.StatusOK && there && value == want
		}),
	}
}

func hasKeyHash() Expectation {
	return Expectation{
		Requirement: "the response has a signing_key_hash",
		Checks: check("have a signing_key_hash", func(o Observation) bool {
			hash, _ := o.Object()["signing_key_hash"].(string)
			return o.Succeeded() && hash != ""
		}),
	}
}

func namesSDK() Expectation {
	return responseHas("X-Inngest-Sdk as name:vN.N.N", reference.HeaderSDK, sdkForm.MatchString)
}

func keepsPrefix() Expectation {
	return everyAPIRequest("has a bearer with the key's prefix", func(a APIRequest) bool { return strings.HasPrefix(a.Bearer, "signkey-prod-") })
}

// WithPrerequisites appends the cases that the given ones rest on, directly or
// indirectly, as the profile scores them.
func (p Profile) WithPrerequisites(cases []Case) []Case {
	known := map[string]Case{}
	for _, c := range p.Catalogue() {
		known[c.ID] = c
	}
	there := map[string]bool{}
	for _, c := range cases {
		there[c.ID] = true
	}
	all := slices.Clone(cases)
	for i := 0; i < len(all); i++ {
		for _, id := range all[i].Prerequisites() {
			if c, is := known[id]; is && !there[id] {
				there[id] = true
				all = append(all, c)
			}
		}
	}
	return all
}
