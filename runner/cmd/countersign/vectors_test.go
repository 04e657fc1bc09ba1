package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/shim"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// envShim makes the test binary a shim: its value is the behaviour.
const envShim = "COUNTERSIGN_TEST_SHIM"

func init() {
	if kind := os.Getenv(envShim); kind != "" {
		os.Exit(serveShim(kind, os.Stdin, os.Stdout))
	}
}

// anyRequest has the members of both requests.
type anyRequest struct {
	shim.VerifyRequest
	Key, What string
}

// serveShim responds to each line by the reference, with one deviation.
func serveShim(kind string, in io.Reader, out io.Writer) int {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for n := 0; lines.Scan(); n++ {
		var r anyRequest
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		switch {
		case kind == "dies" && n == 3:
			fmt.Fprintln(os.Stderr, "out of patience")
			return 1
		case kind == "hangs" && n == 3:
			time.Sleep(time.Minute)
		case kind == "talks":
			fmt.Fprintln(out, "ready")
		case kind == "unsupported" || kind == "verify only" && r.Do == "sign":
			fmt.Fprintln(out, `{"unsupported":true}`)
		case r.Do == "verify":
			fmt.Fprintf(out, "{\"accept\":%v}\n", shimAccepts(kind, r))
		default:
			header, _ := json.Marshal(shimSigns(kind, r))
			fmt.Fprintf(out, "{\"header\":%s}\n", header)
		}
	}
	return 0
}

func shimAccepts(kind string, r anyRequest) bool {
	if kind == "closed" {
		return false
	}
	var values []string
	for _, field := range r.Headers {
		if strings.EqualFold(field[0], reference.HeaderSignature) {
			values = append(values, field[1])
		}
	}
	if len(values) != 1 {
		return false
	}
	keys, now := reference.Keys{Primary: shimKey(r.Primary), Fallback: shimKey(r.Fallback)}, time.Unix(r.Now, 0)
	if signature, err := reference.ParseSignature(values[0]); err == nil && kind == "forever" && signature.Time.Before(now) {
		now = signature.Time
	}
	_, err := reference.Verify(values[0], r.Body, keys, now)
	return err == nil
}

func shimKey(text *string) reference.Key {
	if text == nil {
		return reference.Key{}
	}
	key, err := reference.ParseKey(*text)
	if err != nil {
		return reference.Key{}
	}
	return key
}

func shimSigns(kind string, r anyRequest) string {
	key, body := shimKey(&r.Key), r.Body
	if key.IsZero() || kind == "closed" {
		return ""
	}
	if canonical, err := reference.Canonicalise(body); err == nil && r.What == "sync" {
		body = canonical
	}
	t := fmt.Sprint(r.Now)
	mac := key.MAC(body, t)
	if kind == "signs otherwise" {
		mac[0]++
	}
	return fmt.Sprintf("t=%s&s=%x", t, mac)
}

// checkShim runs `countersign vectors` with the test binary as the shim.
func checkShim(t *testing.T, kind string, args ...string) result {
	t.Helper()
	t.Setenv(envShim, kind)
	return call(t, nil, append([]string{"vectors", "--shim", os.Args[0]}, args...)...)
}

func TestVectorsAgreeWithARightShim(t *testing.T) {
	longtest.Skip(t)
	var r shim.Result
	got := checkShim(t, "right", "--strict", "--json")
	got.want(t, 0)
	if err := json.Unmarshal([]byte(got.out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Version == "" || len(r.Digest) != len("sha256:")+64 || r.Agree != r.Scored || r.Agree < 350 || r.Unspecified == 0 || r.Unsupported != 0 || len(r.Differ) != 0 {
		t.Errorf("%d of %d, %d unspecified, %d unsupported, %v", r.Agree, r.Scored, r.Unspecified, r.Unsupported, r.Differ)
	}
	text := checkShim(t, "right")
	text.want(t, 0, fmt.Sprintf("agrees with %d of %[1]d vectors; 0 MUST and 0 SHOULD differ", r.Scored))
	if strings.Contains(strings.ToLower(text.out), "conform") {
		t.Errorf("the result says that something conforms: %s", text.out)
	}
}

func TestVectorsFindWrongShims(t *testing.T) {
	longtest.Skip(t)
	checkShim(t, "forever").want(t, 1, "MUST receiving.expired (SPEC 4.1.3(4), by observer): want refuse, got accept", "likely: ")
	checkShim(t, "signs otherwise").want(t, 1, "MUST sign.call", "want accept, got another header")
	checkShim(t, "closed").want(t, 1, "agrees with 0 of ", "not counted, because their control is refused", "receiving.expired")
}

func TestVectorsLeaveOutWhatAShimDoesNotSupport(t *testing.T) {
	longtest.Skip(t)
	checkShim(t, "verify only", "--strict").want(t, 0, "0 MUST and 0 SHOULD differ", "35 unsupported")
	checkShim(t, "unsupported").want(t, 3, "the shim supports no vector", "hint: ")
}

func TestVectorsNeedAShimThatResponds(t *testing.T) {
	longtest.Skip(t)
	checkShim(t, "dies").want(t, 3, "the shim, on the vector ", "its standard output has ended", "| out of patience", "hint: ")
	checkShim(t, "talks").want(t, 3, "the shim, on the vector receiving.signed: parsing the response")
	checkShim(t, "hangs", "--response-limit", "300ms").want(t, 3, "there is no response within 300ms")
	call(t, nil, "vectors", "--shim", "no-such-program").want(t, 3, "starting the shim", "no-such-program")
	call(t, nil, "vectors").want(t, 2, "requires --shim", "hint: ")
	call(t, nil, "vectors", "--shim", "x", "--response-limit", "0s").want(t, 2, "--response-limit must be longer", "hint: ")
}
