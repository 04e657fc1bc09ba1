package shim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// The values of the member do.
const (
	verify = "verify"
	sign   = "sign"
)

// VerifyRequest is a line to the shim: a request that was received. The body is in
// base64.
type VerifyRequest struct {
	ID       string      `json:"id"` // of the vector
	Do       string      `json:"do"` // verify
	Now      int64       `json:"now"`
	Primary  *string     `json:"primary"`  // the value of INNGEST_SIGNING_KEY, null where it is not set
	Fallback *string     `json:"fallback"` // the value of INNGEST_SIGNING_KEY_FALLBACK
	Method   string      `json:"method"`
	Target   string      `json:"target"`
	Headers  [][2]string `json:"headers"` // name and value; a repeated header occurs repeatedly
	Body     []byte      `json:"bodyBase64"`
}

// SignRequest is a line to the shim: what is to be signed. Of a request or response
// the bytes are signed, of a sync the canonical form.
type SignRequest struct {
	ID   string `json:"id"` // of the vector
	Do   string `json:"do"` // sign
	Now  int64  `json:"now"`
	Key  string `json:"key"`  // the value of INNGEST_SIGNING_KEY
	What string `json:"what"` // request, sync or response
	Body []byte `json:"bodyBase64"`
}

// Response is a line from the shim. Exactly one member is there.
type Response struct {
	Accept      *bool   `json:"accept"`      // to verify
	Header      *string `json:"header"`      // to sign: the value of X-Inngest-Signature, "" where nothing is signed
	Unsupported *bool   `json:"unsupported"` // true: the vector is left out
}

// parseResponse parses a line in response to a request, strictly.
func parseResponse(line []byte, do string) (Response, error) {
	var r Response
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return Response{}, fmt.Errorf("parsing the response: %w", err)
	}
	if decoder.More() {
		return Response{}, errors.New("parsing the response: more than one JSON value in a line")
	}
	members := 0
	for _, there := range []bool{r.Accept != nil, r.Header != nil, r.Unsupported != nil} {
		if there {
			members++
		}
	}
	switch {
	case members != 1:
		return Response{}, fmt.Errorf("the response has %d of the members accept, header and unsupported, want one", members)
	case r.Unsupported != nil && !*r.Unsupported:
		return Response{}, errors.New("the response says unsupported: false; leave it out")
	case r.Unsupported != nil:
		return r, nil
	case (do == verify) != (r.Accept != nil):
		return Response{}, fmt.Errorf("the response to %s has another request's member", do)
	}
	return r, nil
}
