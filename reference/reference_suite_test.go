package reference_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

func TestReference(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "reference")
}

// The clock of every test stands still.
var now = time.Date(2026, time.April, 16, 12, 0, 0, 0, time.UTC)

// Four keys with nothing in common.
var (
	keyA     = key("signkey-test-" + strings.Repeat("a1", 32))
	keyB     = key("signkey-test-" + strings.Repeat("b2", 32))
	stranger = key("signkey-test-" + strings.Repeat("c3", 32))
	noKey    = reference.Key{}
)

func key(text string) reference.Key {
	k, err := reference.ParseKey(text)
	if err != nil {
		panic(err)
	}
	return k
}

// signed is the header over a request, made at a time.
func signed(k reference.Key, method, body string, at time.Time) string {
	s, err := reference.Sign(k, method, []byte(body), at)
	if err != nil {
		panic(err)
	}
	return s.String()
}

// emptyKeySigned is the header that anyone can make: the HMAC's key is empty.
func emptyKeySigned(method, body string, at time.Time) string {
	message, err := reference.Message(method, []byte(body))
	if err != nil {
		panic(err)
	}
	s := reference.Signature{Time: at}
	s.MAC = noKey.MAC(message, s.T())
	return s.String()
}

// environment turns pairs into what os.Getenv would be.
func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
)
