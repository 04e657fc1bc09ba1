package reference_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

var (
	inCloud = reference.Mode{Dev: false, API: "https://api.inngest.com", EventsAPI: "https://inn.gs"}
	inDev   = reference.Mode{Dev: true, API: "http://localhost:8288", EventsAPI: "http://localhost:8288"}
)

func devAt(origin string) reference.Mode {
	return reference.Mode{Dev: true, API: origin, EventsAPI: origin}
}

var _ = Describe("The mode", func() {
	It("is cloud in an empty environment", func() {
		Expect(reference.ResolveMode(environment(nil))).To(Equal(inCloud))
	})

	DescribeTable("is read from INNGEST_DEV",
		func(dev string, want reference.Mode) {
			Expect(reference.ResolveMode(environment(map[string]string{reference.EnvDev: dev}))).To(Equal(want))
		},
		Entry("empty", "", inCloud),
		Entry("a space", " ", inCloud),
		Entry("0", "0", inCloud),
		Entry("false", "false", inCloud),
		Entry("0 and a newline", "0\n", inCloud),
		Entry("1", "1", inDev),
		Entry("true", "true", inDev),
		Entry("an origin", "http://localhost:9999", devAt("http://localhost:9999")),
		Entry("an origin with TLS", "https://dev.example.com", devAt("https://dev.example.com")),
		Entry("an origin with a trailing slash", "http://localhost:9999/", devAt("http://localhost:9999")),
		Entry("an origin with spaces around it", " http://localhost:9999 ", devAt("http://localhost:9999")),
		Entry("any other word (R21)", "yes", inDev),
		Entry("a host without a scheme (R21)", "localhost:9999", inDev),
		Entry("a scheme without a host (R21)", "http://", inDev),
		Entry("another scheme (R21)", "ftp://localhost", inDev),
	)

	It("does not depend on the keys", func() {
		set := map[string]string{reference.EnvSigningKey: keyA.Text(), reference.EnvFallback: keyB.Text(), reference.EnvDev: "1"}
		Expect(reference.ResolveMode(environment(set))).To(Equal(inDev))
		delete(set, reference.EnvDev)
		Expect(reference.ResolveMode(environment(set))).To(Equal(inCloud))
	})

	DescribeTable("is not changed by the variables that change origins",
		func(set map[string]string, want reference.Mode) {
			Expect(reference.ResolveMode(environment(set))).To(Equal(want))
		},
		Entry("both", map[string]string{reference.EnvBaseURL: "http://a/"}, reference.Mode{API: "http://a", EventsAPI: "http://a"}),
		Entry("the API", map[string]string{reference.EnvAPIBaseURL: "http://a"}, reference.Mode{API: "http://a", EventsAPI: "https://inn.gs"}),
		Entry("the event API", map[string]string{reference.EnvEventBaseURL: "http://a"}, reference.Mode{API: "https://api.inngest.com", EventsAPI: "http://a"}),
		Entry("the specific variable has precedence", map[string]string{reference.EnvBaseURL: "http://a", reference.EnvAPIBaseURL: "http://b"},
			reference.Mode{API: "http://b", EventsAPI: "http://a"}),
		Entry("in dev mode", map[string]string{reference.EnvDev: "1", reference.EnvBaseURL: "http://a"}, devAt("http://a")),
	)

	It("is written as in an introspection response", func() {
		Expect(inCloud.String()).To(Equal("cloud"))
		Expect(inDev.String()).To(Equal("dev"))
	})
})
