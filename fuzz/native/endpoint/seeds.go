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
	file, err := vectors.Load[vectors.Verify]()
	if err != nil {
		panic("the vectors are embedded: " + err.Error())
	}
	for _, v := range file.Vectors {
		body, err := v.Body.Bytes()
		if err != nil {
			panic("the vectors are embedded: " + err.Error())
		}
		all = append(all, arriving{v.Method, v.Target, lines(v.Headers), body, v.Now})
	}
	return all
})

// texts are what the environment may say of development mode.
var texts = sync.OnceValue(func() (all []string) {
	file, err := vectors.Load[vectors.Mode]()
	if err != nil {
		panic("the vectors are embedded: " + err.Error())
	}
	for _, v := range file.Vectors {
		all = append(all, v.Env["INNGEST_DEV"])
	}
	return all
})

func lines(fields []vectors.Field) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return b.String()
}
