package reference_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

// gateway is the gateway of a worker: what it sends, and what it received.
type gateway struct {
	sends    [][]byte
	received [][]byte
	closed   bool
}

func (g *gateway) Receive(context.Context) ([]byte, error) {
	if len(g.sends) == 0 {
		return nil, io.EOF
	}
	message := g.sends[0]
	g.sends = g.sends[1:]
	return message, nil
}

func (g *gateway) Send(_ context.Context, message []byte) error {
	g.received = append(g.received, message)
	return nil
}

func (g *gateway) Close(string) error {
	g.closed = true
	return nil
}

// fromHex are the bytes of a message, which is written out here field by field.
func fromHex(digits string) []byte {
	decoded, err := hex.DecodeString(digits)
	Expect(err).NotTo(HaveOccurred())
	return decoded
}

// The messages of a gateway, and the start's response with the connection id "id",
// the endpoint "ws://g.test/c", the group "g", and the tokens "session" and "sync".
const (
	hello = "0800"
	ready = "080212090a0331307312023573" // "10s", "5s"
	begun = "0a026964" + "120d77733a2f2f672e746573742f63" + "1a0167" + "220773657373696f6e" + "2a0473796e63"
)

var _ = Describe("A worker", func() {
	// work connects with an API that gives these responses, and a gateway for each
	// connection.
	work := func(env map[string]string, statuses []int, gateways ...*gateway) (f *fixture, bearers []string, err error) {
		f = newFixture(env)
		f.Do = func(r *http.Request) (*http.Response, error) {
			Expect(r.URL.String()).To(Equal("http://api.test/v0/connect/start"))
			bearers = append(bearers, r.Header.Get("Authorization"))
			status := statuses[min(len(bearers), len(statuses))-1]
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(fromHex(begun)))}, nil
		}
		f.Dial = func(_ context.Context, address string, header http.Header) (reference.Gateway, error) {
			Expect(address).To(Equal("ws://g.test/c"))
			Expect(header).To(BeEmpty())
			if len(gateways) == 0 {
				return nil, errors.New("no gateway")
			}
			g := gateways[0]
			gateways = gateways[1:]
			return g, nil
		}
		_, err = f.Connect(context.Background(), f.Context(&http.Request{Method: post, URL: &url.URL{}}))
		return f, bearers, err
	}
	serving := func() *gateway { return &gateway{sends: [][]byte{fromHex(hello), fromHex(ready)}} }
	primary, fallback := "Bearer "+keyA.Bearer(), "Bearer "+keyB.Bearer()

	It("introduces itself with the tokens of the start's response, and without a key", func() {
		g := serving()
		_, bearers, err := work(cloud(), []int{200}, g)
		Expect(err).NotTo(HaveOccurred())
		Expect(bearers).To(Equal([]string{primary}))
		Expect(g.received).To(HaveLen(2))
		Expect(g.received[0]).To(HavePrefix("\x08\x01\x12"))
		Expect(g.received[0]).To(ContainSubstring("\x0a\x02id"))
		Expect(g.received[0]).To(ContainSubstring("\x1a\x0f\x0a\x07session\x12\x04sync"))
		Expect(g.received[1]).To(Equal([]byte("\x08\x04")))
		for _, key := range []reference.Key{keyA, keyB} {
			Expect(g.received[0]).NotTo(Or(ContainSubstring(key.Secret()), ContainSubstring(key.Bearer())))
		}
	})
	DescribeTable("starts with these bearer tokens",
		func(env map[string]string, statuses []int, want []string, failure error, gateways ...*gateway) {
			_, bearers, err := work(env, statuses, gateways...)
			Expect(bearers).To(Equal(want))
			if failure == nil {
				Expect(err).NotTo(HaveOccurred())
			} else {
				Expect(err).To(MatchError(failure))
			}
		},
		Entry("the fallback key's after a refusal", cloud(), []int{401, 200}, []string{primary, fallback}, nil, serving()),
		Entry("and never the primary key's again", cloud(), []int{401, 200}, []string{primary, fallback, fallback}, nil,
			&gateway{sends: [][]byte{fromHex(hello)}}, serving()),
		Entry("none more after two refusals", cloud(), []int{401}, []string{primary, fallback}, reference.ErrRefused),
		Entry("none without a key in cloud mode", cloudKeyless(), []int{200}, nil, reference.ErrNoKey),
		Entry("an empty one without a key in development mode", devKeyless(), []int{200}, []string{""}, nil, serving()),
		Entry("the fallback key's alone where there is no other", cloudFallback(), []int{401}, []string{fallback}, reference.ErrRefused),
	)
	It("keeps its key after other errors, and gives up", func() {
		_, bearers, err := work(cloud(), []int{500})
		Expect(err).To(MatchError(ContainSubstring("500")))
		Expect(bearers).To(Equal([]string{primary, primary, primary, primary, primary}))
	})
	DescribeTable("does not accept a gateway that", func(messages ...string) {
		var gateways []*gateway
		for range 5 {
			g := &gateway{}
			for _, digits := range messages {
				g.sends = append(g.sends, fromHex(digits))
			}
			gateways = append(gateways, g)
		}
		_, _, err := work(cloud(), []int{200}, gateways...)
		Expect(err).To(HaveOccurred())
		for _, g := range gateways {
			Expect(g.closed).To(BeTrue())
		}
	},
		Entry("says nothing"),
		Entry("does not greet", ready),
		Entry("greets twice", hello, hello),
		Entry("sends what is no message", "ff"),
		Entry("sends a message that ends early", "0a05"),
	)
})
