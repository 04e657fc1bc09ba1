package reference_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func fields(response *httptest.ResponseRecorder) (all map[string]any) {
	GinkgoHelper()
	Expect(json.Unmarshal(response.Body.Bytes(), &all)).To(Succeed())
	return all
}

var _ = Describe("Introspection", func() {
	open := []string{"authentication_succeeded", "capabilities", "function_count", "has_event_key",
		"has_signing_key", "has_signing_key_fallback", "mode", "schema_version"}
	privileged := []string{"api_origin", "app_id", "env", "event_api_origin", "event_key_hash", "framework", "sdk_language",
		"sdk_version", "serve_origin", "serve_path", "signing_key_fallback_hash", "signing_key_hash"}

	names := func(all map[string]any) []string { return slices.Collect(maps.Keys(all)) }

	It("has these fields for every caller", func() {
		Expect(names(fields(newFixture(cloud()).send(inspection, unsigned)))).To(ConsistOf(open))
	})
	It("has these fields, too, for an authenticated caller", func() {
		Expect(names(fields(newFixture(cloud()).send(inspection, signedBy(keyA))))).To(ConsistOf(append(open, privileged...)))
	})
	It("contains hashes of the whole keys, never a key or a bearer", func() {
		response := newFixture(cloud()).send(inspection, signedBy(keyA))
		all := fields(response)
		Expect(all).To(HaveKeyWithValue("signing_key_hash", sha(keyA.Text())))
		Expect(all).To(HaveKeyWithValue("signing_key_fallback_hash", sha(keyB.Text())))
		Expect(all).To(HaveKeyWithValue("event_key_hash", sha("canary-event-key")))
		for _, secret := range append(secretsOf(keyA, keyB), "canary-event-key", "canary-password") {
			Expect(response.Body.String()).NotTo(ContainSubstring(secret))
		}
	})
	It("has null for variables that are not set", func() {
		all := fields(newFixture(map[string]string{reference.EnvSigningKey: keyA.Text()}).send(inspection, signedBy(keyA)))
		for _, name := range []string{"env", "event_key_hash", "serve_origin", "serve_path", "signing_key_fallback_hash"} {
			Expect(all).To(HaveKeyWithValue(name, BeNil()))
		}
		Expect(all).To(HaveKeyWithValue("api_origin", "https://api.inngest.com"))
	})
	DescribeTable("describes the configuration",
		func(env func() map[string]string, name string, value any) {
			Expect(fields(newFixture(env()).send(inspection, unsigned))).To(HaveKeyWithValue(name, value))
		},
		Entry("mode", cloud, "mode", "cloud"),
		Entry("mode in dev", dev, "mode", "dev"),
		Entry("a key", cloud, "has_signing_key", true),
		Entry("no key", cloudKeyless, "has_signing_key", false),
		Entry("no primary key", cloudFallback, "has_signing_key", false),
		Entry("a fallback key", cloudFallback, "has_signing_key_fallback", true),
		Entry("an event key", cloud, "has_event_key", true),
		Entry("one function", cloud, "function_count", 1.0),
	)
	It("with a body is not authenticated", func() {
		f := newFixture(cloud())
		r := inspection
		r.body = "{}"
		rejected(f, f.send(r, func(request) string { return signedBy(keyA)(inspection) }))
	})
})
