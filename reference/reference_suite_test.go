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

// now is the clock of every test.
var now = time.Date(2026, time.April, 16, 12, 0, 0, 0, time.UTC)

// Unrelated keys, and none.
var (
	keyA       = key("signkey-test-" + strings.Repeat("a1", 32))
	keyB       = key("signkey-test-" + strings.Repeat("b2", 32))
	unknownKey = key("signkey-test-" + strings.Repeat("c3", 32))
	noKey      = reference.Key{}
)

func key(text string) reference.Key {
	k, err := reference.ParseKey(text)
	if err != nil {
		panic(err)
	}
	return k
}

// signed returns the signature header of a body that is signed at a time.
func signed(k reference.Key, body string, at time.Time) string {
	s, err := reference.Sign(k, []byte(body), at)
	if err != nil {
		panic(err)
	}
	return s.String()
}

// emptyKeySigned returns a header that anyone can make, as its HMAC key is empty.
func emptyKeySigned(body string, at time.Time) string {
	s := reference.Signature{Time: at}
	s.MAC = noKey.MAC([]byte(body), s.T())
	return s.String()
}

// environment returns a function like os.Getenv for a map.
func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
)
