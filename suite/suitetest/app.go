package suitetest

import (
	"context"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/fakeapi"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// CallBeacon reports that a function runs. Every function of the handler calls
// it first, with the environment that the handler function was given and with
// data.nonce of its event, or an empty nonce if there is none. The function must
// continue if that fails.
func CallBeacon(ctx context.Context, env map[string]string, nonce string) error {
	return fakeapi.CallBeacon(ctx, env[suite.EnvBeacon], nonce)
}

// Reference is the reference endpoint as a handler that [Run] can judge. Its
// function fields may be replaced, to see how a broken endpoint is judged.
func Reference(env map[string]string) *reference.Endpoint {
	return inprocess.Reference(func(name string) string { return env[name] })
}
