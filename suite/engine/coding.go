package engine

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/andybalholm/brotli"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// plainBody is a response's body without the codings that it came in (RFC 9110,
// 8.4.1), up to limits.Body. What cannot be decoded stays as it is. cut says why not all
// of it can be looked at.
func plainBody(a suite.Response) (body []byte, cut string) {
	body = a.Body
	codings := strings.Split(strings.Join(a.Header.Values("Content-Encoding"), ","), ",")
	if len(codings) > limits.Codings {
		return body, fmt.Sprintf("its body has more than %d codings", limits.Codings)
	}
	for i := len(codings) - 1; i >= 0; i-- { // the last one was applied last
		coding := strings.ToLower(strings.TrimSpace(codings[i]))
		open, known := decoders[coding]
		switch {
		case coding == "" || coding == "identity":
			continue
		case !known && len(a.Body) > 0:
			return body, "the coding of its body is not known here"
		case !known:
			return body, ""
		}
		decoded, more := unpacked(open, body)
		if decoded == nil {
			return a.Body, cut
		}
		if body = decoded; more {
			cut = fmt.Sprintf("its body is longer than %d KiB without its coding", limits.Body>>10)
		}
	}
	return body, cut
}

// decoders undo codings.
var decoders = map[string]func(body []byte) (io.Reader, error){
	"gzip":    ungzip,
	"x-gzip":  ungzip,
	"deflate": inflate,
	"br":      func(body []byte) (io.Reader, error) { return brotli.NewReader(bytes.NewReader(body)), nil },
}

func ungzip(body []byte) (io.Reader, error) { return gzip.NewReader(bytes.NewReader(body)) }

// inflate decodes deflate, which is often sent without the zlib format that belongs
// around it.
func inflate(body []byte) (io.Reader, error) {
	if r, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
		return r, nil
	}
	return flate.NewReader(bytes.NewReader(body)), nil
}

var inflating sync.Mutex

// unpacked is what can be read of a coded body, nil if that is nothing; more is true
// if there is more than limits.Body.
func unpacked(open func([]byte) (io.Reader, error), body []byte) (decoded []byte, more bool) {
	inflating.Lock() // a decoder may need 16 MiB
	defer inflating.Unlock()
	r, err := open(body)
	if err != nil {
		return nil, false
	}
	var read bytes.Buffer
	n, err := io.CopyN(&read, r, limits.Body+1)
	switch {
	case n > limits.Body:
		return read.Bytes()[:limits.Body], true
	case err != io.EOF && utf8.Valid(body): // it is a text, which was never coded
		return nil, false
	case n > 0:
		return read.Bytes(), false
	case err == io.EOF: // a coded body of no bytes
		return []byte{}, false
	}
	return nil, false
}
