// Package native has targets for Go's own fuzzing engine: one function each, and
// what must hold for any bytes.
//
//	go test ./fuzz/native -fuzz Verify
//
// The engine's speed falls with all that is linked in, so this package imports
// package reference and package vectors and nothing else of weight. What needs
// an HTTP request is in package endpoint.
package native

import (
	"sync"

	"github.com/countersign-dev/countersign/vectors"
)

// The vectors are read once: an engine other than Go's calls a whole target for
// every input.
var (
	headerTexts   = sync.OnceValue(readHeaderTexts)
	keyTexts      = sync.OnceValue(readKeyTexts)
	bodies        = sync.OnceValue(readBodies)
	verifications = sync.OnceValue(readVerifications)
)

// verification is the arguments of one call of Verify.
type verification struct {
	header            string
	body              []byte
	primary, fallback string
	now               int64 // unix seconds
}

func load[V vectors.Kind]() []V {
	file, err := vectors.Load[V]()
	if err != nil {
		panic("the vectors are embedded: " + err.Error())
	}
	return file.Vectors
}

func bytesOf(b vectors.Body) []byte {
	raw, err := b.Bytes()
	if err != nil {
		panic("the vectors are embedded: " + err.Error())
	}
	return raw
}

func readHeaderTexts() (texts []string) {
	for _, v := range load[vectors.Header]() {
		texts = append(texts, v.Values...)
	}
	for _, v := range load[vectors.Sign]() {
		texts = append(texts, v.Header)
	}
	return texts
}

func readKeyTexts() (texts []string) {
	for _, v := range load[vectors.KeyHash]() {
		texts = append(texts, v.Key)
	}
	for _, v := range load[vectors.Sign]() {
		texts = append(texts, v.Key)
	}
	for _, v := range load[vectors.BearerFallback]() {
		texts = append(texts, text(v.Keys.Primary), text(v.Keys.Fallback))
	}
	return texts
}

func readBodies() (all [][]byte) {
	for _, v := range load[vectors.Canonical]() {
		all = append(all, bytesOf(v.Body))
	}
	for _, v := range load[vectors.Sign]() {
		all = append(all, bytesOf(v.Body))
	}
	for _, v := range load[vectors.BearerFallback]() {
		all = append(all, []byte(v.Request.Body))
	}
	for _, v := range load[vectors.Real]() {
		all = append(all, bytesOf(v.Body))
	}
	return all
}

func readVerifications() (all []verification) {
	for _, v := range load[vectors.Verify]() {
		one := verification{
			body: bytesOf(v.Body), now: v.Now,
			primary: text(v.Keys.Primary), fallback: text(v.Keys.Fallback),
		}
		for _, field := range v.Headers {
			if field.Name == "X-Inngest-Signature" {
				one.header = field.Value
			}
		}
		all = append(all, one)
	}
	for _, v := range load[vectors.Real]() {
		one := verification{body: bytesOf(v.Body), now: v.Now, primary: text(v.Keys.Primary), fallback: text(v.Keys.Fallback)}
		for _, field := range v.Headers {
			if field.Name == "x-inngest-signature" {
				one.header = field.Value
			}
		}
		all = append(all, one)
	}
	for _, v := range load[vectors.Sign]() {
		all = append(all, verification{header: v.Header, body: bytesOf(v.Body), primary: v.Key, now: v.Now})
	}
	return all
}

func text(t *string) string {
	if t == nil {
		return ""
	}
	return *t
}
