package engine

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// plainBody is a response's body without the coding that it came in (RFC 9110,
// 8.4.1). What cannot be decoded stays as it is.
func plainBody(a suite.Response) []byte {
	body := a.Body
	codings := strings.Split(strings.Join(a.Header.Values("Content-Encoding"), ","), ",")
	for i := len(codings) - 1; i >= 0; i-- { // the last one was applied last
		decoded, ok := decoded(strings.ToLower(strings.TrimSpace(codings[i])), body)
		if !ok {
			return a.Body
		}
		body = decoded
	}
	return body
}

// decoded is a body without one coding. Deflate is often sent without the zlib
// format that belongs around it.
func decoded(coding string, body []byte) ([]byte, bool) {
	switch coding {
	case "", "identity":
		return body, true
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		return unpacked(r, err)
	case "deflate":
		if r, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
			return unpacked(r, nil)
		}
		return unpacked(flate.NewReader(bytes.NewReader(body)), nil)
	}
	return nil, false
}

// unpacked is what can be read of a coded body.
func unpacked(r io.Reader, err error) ([]byte, bool) {
	if err != nil {
		return nil, false
	}
	body, err := io.ReadAll(io.LimitReader(r, 2*reference.MaxBody))
	return body, err == nil || len(body) > 0
}
