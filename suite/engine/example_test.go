package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// unverified is a lab of an endpoint that does not verify signatures.
func unverified() engine.Lab {
	return inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: func(e *reference.Endpoint) {
		e.Policy = func(*http.Request, []byte, reference.Mode) reference.VerificationPolicy { return reference.Ignored }
	}}
}

// Judge two cases on an endpoint that does not verify signatures.
func ExampleJudge() {
	var cases []suite.Case
	for _, c := range suite.Catalogue() {
		if c.ID == "receiving.signed" || c.ID == "receiving.unsigned" {
			cases = append(cases, c)
		}
	}
	judged, err := engine.Judge(context.Background(), unverified(), cases, engine.Options{Jobs: 1, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range judged.Results {
		fmt.Printf("%s: %s (%s)\n", r.Case.ID, r.Verdict, r.Observed)
	}
	// Output:
	// receiving.signed: pass (status 200; the function ran)
	// receiving.unsigned: fail (status 200; the function ran)
}

// Send one request in a session and print its effects.
func ExampleOpenSession() {
	ctx := context.Background()
	session, err := engine.OpenSession(ctx, unverified(), suite.Setup{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer session.Close(ctx)
	scene := session.Scene("01NONCE")
	x := session.Send(ctx, engine.Message{Made: suite.Make(suite.Call{Unsigned: true}, scene), Kind: suite.KindCall, Nonce: scene.Nonce})
	fmt.Println(x.Response.Status, x.Runs, x.Accepted())
	// Output: 200 1 true
}
