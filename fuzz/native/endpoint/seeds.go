// Package endpoint holds the fuzzing target of a whole endpoint, in memory.
// It is apart from package native because a server's code behind every input
// costs the engine much of its speed.
package endpoint

import (
	"strings"
	"sync"

	"github.com/countersign-dev/countersign/vectors"
)

// arriving is a request as bytes: what a fuzzing engine can change.
type arriving struct {
	method, target string
	headers        string // lines of "Name: value"
	body           []byte
	now            int64 // the endpoint's clock, unix seconds
}

// requests are those of the vectors, read once: an engine that is not Go's own
// calls a whole target for every input.
var requests = sync.OnceValue(func() (all []arriving) {
	for _, v := range load[vectors.Verify]() {
		all = append(all, arriving{v.Method, v.Target, lines(v.Headers), bytesOf(v.Body), v.Now})
	}
	for _, v := range load[vectors.Real]() {
		// the function of the endpoint in this package, in the server's words
		target := strings.NewReplacer("ref-plain", "countersign-echo", "ref-steps", "countersign-echo").Replace(v.Target)
		all = append(all, arriving{v.Method, target, lines(v.Headers), bytesOf(v.Body), v.Now})
	}
	return all
})

// texts are what the environment may say of development mode.
var texts = sync.OnceValue(func() (all []string) {
	for _, v := range load[vectors.Mode]() {
		all = append(all, v.Env["INNGEST_DEV"])
	}
	return all
})

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

func lines(fields []vectors.Field) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return b.String()
}
