package live_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// A candidate that is filled in is a vector of verify.json, whatever was drawn.
func TestCandidatesAreVectors(t *testing.T) {
	withoutRace(t)
	kinds := []live.Kind{live.Call, live.RichCall, live.Probe, live.Introspect, live.Sync, live.InBandSync, live.Fetched, live.Stepping, live.Sending}
	draws := live.NewDraws(1, live.Limits{Kinds: kinds, Rotating: true})
	published, err := vectors.Load[vectors.Verify]()
	if err != nil {
		t.Fatal(err)
	}
	var made []any
	known, own, lacking := map[string]int{}, 0, map[string]int{}
	for index := range uint64(1200) {
		c := filledIn(live.Promote(live.Finding{Class: live.Crash, Exchange: draws.At(index)}))
		if c.Vector == nil {
			lacking[c.NoVector]++
			continue
		}
		checkMACs(t, c)
		c.ID = fmt.Sprintf("drawn.n%d", index)
		switch {
		case c.TwinVector != nil:
			own++
			c.Control = c.ID + ".twin"
			made = append(made, members(t, live.Candidate{
				Common: live.Common{ID: c.Control, Clause: c.Clause, Level: c.Level, Risk: c.Risk, Comment: c.Comment, Flags: c.Flags}, Vector: c.TwinVector,
			}))
			if c.TwinVector.Result != "accept" {
				t.Errorf("%s: its twin is no valid one", c.From.Exchange)
			}
		case c.Control != "":
			known[c.Control]++
			checkTwin(t, published, c)
		}
		made = append(made, members(t, c))
	}
	if len(made) < 600 || len(known) != 8 || own == 0 {
		t.Errorf("%d vectors, twins: %v and %d of their own; without: %v", len(made), known, own, lacking)
	}
	meetsSchema(t, made)
}

// members are a candidate as a vector: without what verify.json has no place for.
func members(t *testing.T, c live.Candidate) map[string]any {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{"schema", "case", "from", "twinVector", "noVector"} {
		delete(all, own)
	}
	return all
}

func meetsSchema(t *testing.T, made []any) {
	t.Helper()
	file, err := json.Marshal(map[string]any{"$schema": "../schema.json", "file": "verify", "about": "candidates", "count": len(made), "flags": map[string]any{}, "vectors": made})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vectors.Parse[vectors.Verify](file); err != nil {
		t.Error(err)
	}
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(vectors.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", text); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(read); err != nil {
		t.Error(err)
	}
}

// checkTwin: the twin is in verify.json, is valid, and differs in what is named.
func checkTwin(t *testing.T, published vectors.File[vectors.Verify], c live.Candidate) {
	t.Helper()
	at := slices.IndexFunc(published.Vectors, func(v vectors.Verify) bool { return v.ID == c.Control })
	if at < 0 {
		t.Fatalf("%s: there is no vector %s", c.From.Exchange, c.Control)
	}
	twin := published.Vectors[at]
	var differs []string
	note := func(differ bool, what string) {
		if differ {
			differs = append(differs, what)
		}
	}
	fields := func(all []vectors.Field, signature bool) (chosen []vectors.Field) {
		for _, f := range all {
			if strings.EqualFold(f.Name, reference.HeaderSignature) == signature && f.Name != "Content-Type" {
				chosen = append(chosen, f)
			}
		}
		return chosen
	}
	var own []vectors.Field
	for _, f := range c.Headers {
		own = append(own, vectors.Field(f))
	}
	note(!slices.Equal(fields(own, true), fields(twin.Headers, true)), "signature")
	note(!reflect.DeepEqual(vectors.Body{Text: c.Body, Base64: c.Base64}, twin.Body), "body")
	note(c.Method != twin.Method, "method")
	if !slices.Equal(differs, c.Differs) {
		t.Errorf("%s: it differs from %s in %v, not in %v", c.From.Exchange, c.Control, differs, c.Differs)
	}
	if c.Now != twin.Now || c.Target != twin.Target || !reflect.DeepEqual(vectors.Keys(c.Keys), twin.Keys) || !slices.Equal(fields(own, false), fields(twin.Headers, false)) {
		t.Errorf("%s: it differs from %s in what no verifier looks at", c.From.Exchange, c.Control)
	}
}

// checkMACs works out every MAC of a candidate from what stands beside it.
func checkMACs(t *testing.T, c live.Candidate) {
	t.Helper()
	if s := c.Sender; s != nil {
		if got := hmacOf(t, s.Algorithm, keyOf(t, s.HMACKey, s.KeyHex), bytesOf(t, s.Signed, s.Base64)); got != s.MAC {
			t.Errorf("%s: the sender's MAC is %s, and not %s", c.From.Exchange, got, s.MAC)
		}
	}
	v := c.Verifier
	if v == nil || v.PrimaryMAC == "" {
		return
	}
	messages := []live.VectorMessage{v.VectorMessage}
	if v.Canonical != nil {
		messages = append(messages, *v.Canonical)
	}
	right := false
	for _, m := range messages {
		signed := bytesOf(t, m.Signed, m.Base64)
		for _, side := range []struct {
			key *string
			mac string
		}{{c.Keys.Primary, m.PrimaryMAC}, {c.Keys.Fallback, m.FallbackMAC}} {
			if side.key == nil {
				continue
			}
			secret := strings.TrimPrefix(*side.key, "signkey-prod-")
			if got := hmacOf(t, "HMAC-SHA256", []byte(secret), signed); got != side.mac {
				t.Errorf("%s: a key's MAC is %s, and not %s", c.From.Exchange, got, side.mac)
			}
			right = right || slices.ContainsFunc(c.Headers, func(f live.HeaderField) bool { return f.Value == "t="+v.T+"&s="+side.mac })
		}
	}
	onTime := v.Age <= 300 && v.Age >= -60
	if (c.Result == "accept") != (right && onTime) {
		t.Errorf("%s: the result is %s", c.From.Exchange, c.Result)
	}
}

func hmacOf(t *testing.T, algorithm string, key, signed []byte) string {
	t.Helper()
	if algorithm == "SHA-256" {
		sum := sha256.Sum256(signed)
		return hex.EncodeToString(sum[:])
	}
	made := map[string]func() hash.Hash{"HMAC-SHA256": sha256.New, "HMAC-SHA1": sha1.New, "HMAC-SHA512": sha512.New}[algorithm]
	if made == nil {
		t.Fatalf("there is no algorithm %q", algorithm)
	}
	mac := hmac.New(made, key)
	mac.Write(signed)
	return hex.EncodeToString(mac.Sum(nil))
}

func keyOf(t *testing.T, text *string, digits string) []byte {
	t.Helper()
	if text != nil {
		return []byte(*text)
	}
	key, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func bytesOf(t *testing.T, text *string, encoded string) []byte {
	t.Helper()
	if text != nil {
		return []byte(*text)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Another program comes to the same MAC, and the time is the one that was found.
func TestACandidateIsRecomputable(t *testing.T) {
	c := live.Promote(aFinding(t))
	checkMACs(t, c)
	if c.Result != "refuse" || c.Verifier.Age != -306 || c.Control != "receiving.signed" || c.Sender.MAC != c.Verifier.PrimaryMAC || strings.Contains(fmt.Sprint(c.Headers), "{{") {
		t.Errorf("%+v", c.Vector)
	}
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl here")
	}
	openssl := exec.CommandContext(t.Context(), program, "dgst", "-sha256", "-hmac", strings.TrimPrefix(*c.Keys.Primary, "signkey-prod-"))
	openssl.Stdin = strings.NewReader(*c.Verifier.Signed)
	said, err := openssl.Output()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(said)), " "+c.Verifier.PrimaryMAC) {
		t.Errorf("%v: openssl says %s", err, said)
	}
}

func TestWhatIsNoVectorSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		class    live.Class
		exchange live.Exchange
		says     string
	}{
		"chunks":                {live.FalseRefuse, exchange(live.Call, step("framing", "chunked", 0, false)), "travel"},
		"an out-of-band sync":   {live.OutboundMisuse, exchange(live.Sync), "not verified as a call is"},
		"a long text":           {live.Slow, exchange(live.Call, step("grow", "text", 1<<20, true)), "too long"},
		"a minute ahead":        {live.Crash, exchange(live.Call, step("time", "future", 120, true)), "readings differ"},
		"a function of no name": {live.FalseAccept, exchange(live.Call, step("query", "unknown function", 0, false)), "signature holds"},
	} {
		c := filledIn(live.Promote(live.Finding{Class: test.class, Level: suite.Must, Exchange: test.exchange}))
		if c.Vector != nil || !strings.Contains(c.NoVector, test.says) {
			t.Errorf("%s: %q", name, c.NoVector)
		}
		if lacks := lint(t, c); slices.ContainsFunc(lacks, func(line string) bool { return !strings.HasPrefix(line, "case.") }) {
			t.Errorf("%s lacks %q", name, lacks)
		}
	}
}
