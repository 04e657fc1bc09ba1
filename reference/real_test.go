package reference_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/vectors"
)

// The requests that Inngest's open-source server was recorded to send.
var _ = Describe("Every recorded request of the server", func() {
	file, err := vectors.Load[vectors.Real]()
	if err != nil {
		panic(err)
	}
	for _, v := range file.Vectors {
		body, err := v.Body.Bytes()
		if err != nil {
			panic(err)
		}
		header := http.Header{}
		for _, field := range v.Headers {
			header.Add(field.Name, field.Value)
		}
		if v.Result == vectors.Accept {
			It("verifies at the time at which it was signed: "+v.ID, func() {
				keys := reference.Keys{Primary: key(*v.Keys.Primary), Fallback: key(*v.Keys.Fallback)}
				matched, err := reference.Verify(header.Get(reference.HeaderSignature), body, keys, time.Unix(v.Now, 0))
				Expect(err).NotTo(HaveOccurred())
				Expect(matched.String()).To(Equal(v.Key))
			})
		}
		if v.Kind != "durable" {
			It("is fulfilled by an endpoint in its mode: "+v.ID, func() { fulfils(v, header, body) })
		}
	}
	It("is there", func() { Expect(len(file.Vectors)).To(BeNumerically(">=", 41)) })
})

// fulfils sends a recorded call or sync to an endpoint that has its function.
func fulfils(v vectors.Real, header http.Header, body []byte) {
	GinkgoHelper()
	target, err := url.ParseRequestURI(v.Target)
	Expect(err).NotTo(HaveOccurred())
	app, function, _ := strings.Cut(target.Query().Get("fnId"), "-")
	ran, inngest := 0, &api{respond: always(200, `{"ok":true,"modified":true}`)}
	functions := map[string]reference.Function{function: func(context.Context, reference.Call) (any, error) { ran++; return nil, nil }}
	env := map[string]string{
		reference.EnvSigningKey: *v.Keys.Primary, reference.EnvFallback: *v.Keys.Fallback,
		reference.EnvDev: map[string]string{"cloud": "0", "dev": "1"}[v.Mode],
	}
	endpoint := reference.NewEndpoint(app, functions, environment(env))
	endpoint.Now = func() time.Time { return time.Unix(v.Now, 0) }
	endpoint.Do = inngest.RoundTrip

	sent := httptest.NewRequest(v.Method, v.Target, strings.NewReader(string(body)))
	sent.Header = header
	response := httptest.NewRecorder()
	endpoint.ServeHTTP(response, sent)
	Expect(response).To(HaveHTTPStatus(200))
	if v.Kind == "call" {
		Expect(ran).To(Equal(1))
	} else {
		Expect(inngest.requests).To(HaveLen(1))
	}
}
