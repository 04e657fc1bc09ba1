package suite

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// Connection is the name of the connection that the requests of such a case share.
const Connection = "shared"

// Make builds the request of a stimulus.
func Make(s Stimulus, scene Scene) Made {
	in, kind := s.Fields(), s.Kind()
	switch {
	case scene.Before != nil:
		scene = in.takeOver(scene)
	case in.Borrowed:
		in.Over = OtherBody
	}
	if !scene.AsCall {
		kind = ShownBy(s, scene.Visibility)
	}
	body, canonical := in.payload(kind, in.signedScene(scene))
	made := in.sign(body, canonical, scene)
	if in.Split != "" {
		body, made = in.resplit(kind, scene)
	}
	made.Request = Request{
		Method: in.method(kind),
		Target: in.target(kind, scene) + in.Tamper.inQuery(scene.Nonce),
		Body:   in.Tamper.apply(body, scene.Nonce), Version: in.Version,
	}
	if in.Tamper.injects() {
		forged, _ := in.callBody(scene)
		made.Request.Body = in.Tamper.inject(call{string(body), signedNonce(scene.Nonce)}, call{string(forged), scene.Nonce})
	}
	made.Entity = made.Request.Body
	if in.Borrowed && scene.Before != nil {
		made.Signature = scene.Before.Made.Signature
	}
	made.Request.Header = in.fields(kind, scene, made)
	if in.SameConnection {
		made.Request.Connection = Connection
	}
	in.frame(&made.Request)
	return made
}

// signedScene is the scene of what is signed: another call, if the one of the scene is
// added to it later.
func (in Fields) signedScene(scene Scene) Scene {
	if in.Tamper.injects() {
		scene.Nonce = signedNonce(scene.Nonce)
	}
	return scene
}

// takeOver changes a scene to have something of the one before it.
func (in Fields) takeOver(scene Scene) Scene {
	before := scene.Before.Scene
	if in.SameRun {
		scene.Run = before.Nonce
	}
	if in.SameBody {
		scene.Nonce, scene.Now = before.Nonce, before.Now
	}
	return scene
}

// frame compresses a body and splits it into chunks, after it was signed.
func (in Fields) frame(r *Request) {
	if in.Gzipped {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(r.Body) // a buffer never fails
		_ = w.Close()
		r.Body = packed.Bytes()
		r.Header = append(r.Header, Field{"Content-Encoding", "gzip"})
	}
	if in.Chunked {
		half := len(r.Body) / 2
		r.Body = fmt.Appendf(nil, "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", half, r.Body[:half], len(r.Body)-half, r.Body[half:])
		r.Header = append(r.Header, Field{"Transfer-Encoding", "chunked"})
	}
}

func (in Fields) method(kind Kind) string {
	if in.Method != "" {
		return in.Method
	}
	switch kind {
	case KindCall, KindProbe, KindConnect:
		return http.MethodPost
	case KindSync, KindInBandSync:
		return http.MethodPut
	}
	return http.MethodGet
}

// target is the path and the query of a request.
func (in Fields) target(kind Kind, scene Scene) string {
	path := cmp.Or(in.Path, "{path}")
	if kind == KindConnect {
		path = WorkerPath
	}
	query := in.query(kind, scene)
	if in.Query != "" {
		query = "?" + joined(strings.TrimPrefix(query, "?"), in.placed(in.Query, scene), "&")
	}
	return scene.signedAt(in.Age).Fill(path + query)
}

func (in Fields) query(kind Kind, scene Scene) string {
	function := in.function(kind, scene)
	switch kind {
	case KindCall:
		return "?fnId=" + function + "&stepId=" + cmp.Or(in.Step, "step")
	case KindProbe:
		return "?fnId=" + url.QueryEscape(function) + "&stepId=" + cmp.Or(in.Step, "step") + "&probe=trust"
	case KindSync:
		return "?deployId=" + scene.Nonce
	case KindConnect:
		return "?limit=" + strconv.Itoa(1000*cmp.Or(in.Patience, usualPatience))
	}
	return ""
}

// function is the value of fnId, which the catalogue writes as of a target app.
func (in Fields) function(kind Kind, scene Scene) string {
	unknown := AppID + "-" + scene.Nonce // does not exist, so nothing can run
	name := cmp.Or(in.Function, EchoID)
	switch {
	case scene.Visibility == Full:
		return name
	case scene.Visibility == ByCall && kind == KindCall:
		return strings.NewReplacer(NobodyID, unknown, EchoID, url.QueryEscape(scene.Function)).Replace(name)
	}
	return unknown
}

func (in Fields) fields(kind Kind, scene Scene, made Made) []Field {
	host := in.placed(in.Host, scene)
	if host == "" {
		host = scene.Host
	}
	fields := []Field{{"Host", host}}
	for _, field := range RecordedFields(kind, scene) {
		if !in.Bare && !strings.Contains("\n"+in.Headers, "\n"+field.Name+":") {
			fields = append(fields, field)
		}
	}
	if len(made.Request.Body) > 0 || made.Canonical != nil { // also if tampering removed the body
		contentType := in.ContentType
		if contentType == "" {
			contentType = "application/json"
		}
		fields = append(fields, Field{"Content-Type", contentType})
	}
	for line := range strings.Lines(in.placed(in.Headers, scene)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if name == "Expect" && len(made.Request.Body) == 0 {
			continue // no client may expect 100 (Continue) before no body (RFC 9110, 10.1.1): servers wait for one
		}
		fields = append(fields, Field{name, scene.signedAt(in.Age).Fill(value)})
	}
	if in.Unsigned || kind == KindConnect {
		return fields
	}
	for value := range strings.SplitSeq(made.Signature, "\n") {
		fields = append(fields, Field{reference.HeaderSignature, strings.ReplaceAll(value, "{fold}", "\r\n ")})
	}
	return fields
}

// apply modifies a signed body. The result is in canonical form, too.
func (t Tamper) apply(body []byte, nonce string) []byte {
	swap := func(old, replacement string) []byte {
		if changed := bytes.Replace(body, []byte(old), []byte(replacement), 1); !bytes.Equal(changed, body) {
			return changed
		}
		if changed := bytes.Replace(body, []byte(`"}`), []byte(`/tampered"}`), 1); !bytes.Equal(changed, body) {
			return changed // the body of a sync ends with its URL
		}
		return []byte(`{"tampered":true}`)
	}
	if different, careless := differences[t]; careless {
		return swap(different[0], different[1])
	}
	switch t {
	case AtStart:
		return swap(`{"ctx":{"attempt":0`, `{"ctx":{"attempt":1`)
	case InMiddle:
		return swap(`"pad":"a"`, `"pad":"b"`)
	case AtEnd:
		return swap(`"version":-1}`, `"version":2}`)
	case Emptied:
		return nil
	case Replaced:
		return shortCall(nonce)
	}
	return body
}

func (in Fields) sign(body, canonical []byte, scene Scene) Made {
	at := scene.Now.Add(-in.Age)
	made := Made{Canonical: canonical}
	signed, shown := unix(at), unix(at.Add(in.Redate)) // the time in the MAC, and the time in the header
	if in.Header == "" {
		made.Signed, made.MAC = in.mac(body, made.Canonical, signed, scene)
		made.Signature = "t=" + shown + "&s=" + made.MAC
		return made
	}
	spelling := spellTime(in.Header, at, shown)
	if in.Redate == 0 {
		signed = FirstT(spelling)
	}
	made.Signed, made.MAC = in.mac(body, made.Canonical, signed, scene)
	_, ofOld := in.mac(body, made.Canonical, unix(at.Add(-time.Hour)), scene)
	made.Signature = spellMAC(spelling, made.MAC, ofOld)
	return made
}

// mac returns the bytes that are signed, and their MAC.
func (in Fields) mac(body, canonical []byte, t string, scene Scene) (signed []byte, mac string) {
	message := in.Over.of(body, canonical, scene)
	key := scene.Keys.HMACKey(in.Key)
	signed = append(bytes.Clone(message), t...)
	switch in.Over {
	case TimeFirst:
		signed = append([]byte(t), message...)
	case BodyOnly:
		signed = message
	case DecodedAsKey:
		key, _ = hex.DecodeString(string(key)) // a Key is hexadecimal
	case WholeKeyText:
		key = []byte(scene.Keys.Key(in.Key).Text())
	}
	return signed, hex.EncodeToString(in.Hash.sum(key, signed))
}

func (m MACInput) of(body, canonical []byte, scene Scene) []byte {
	switch m {
	case NoMessage:
		return nil
	case OtherBody:
		other := scene
		other.Nonce = strings.Repeat("0", len(scene.Nonce))
		body, _ := Fields{}.callBody(other)
		return body
	case FirstHalf:
		return canonical[:len(canonical)/2]
	case RawBytes:
		return body
	}
	if text, literal := literalMessages[m]; literal {
		return []byte(text)
	}
	return canonical
}
