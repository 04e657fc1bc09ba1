package suite

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// Scene is the context in which a stimulus becomes a request. Equal scenes give
// equal requests, so that one literal is both a live request and a vector.
type Scene struct {
	Keys       Keyring
	ServerKind string // of the server that the target belongs to: "cloud" or "dev"
	Now        time.Time
	Nonce      string // 26 characters; also the run id and the deployId
	Run        string // the run id, where it is not the nonce
	Path, Host string
	Elsewhere  string // the host of an origin other than the API's
	Visibility Visibility
	// Function is the id of the function that is called, where acceptance shows by
	// call; elsewhere it is not used.
	Function string
	// Before is the request that was sent before this one, if the case has one.
	Before *Sent
	// AsCall makes a call even where runs cannot be observed. The function that it
	// names does not exist.
	AsCall bool
}

// Made is a request with the intermediate values of its signature.
type Made struct {
	Request   Request
	Entity    []byte // the body before it was compressed or split into chunks
	Canonical []byte // the canonical form of the body; nil if there is none
	Signed    []byte // the exact bytes that the MAC covers
	MAC       string // hexadecimal
	Signature string // the value of the header; empty if there is none
}

// Sent is a request that was made, and its scene.
type Sent struct {
	Made  Made
	Scene Scene
}

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
	case KindCall, KindProbe:
		return http.MethodPost
	case KindSync, KindInBandSync:
		return http.MethodPut
	}
	return http.MethodGet
}

// target is the path and the query of a request.
func (in Fields) target(kind Kind, scene Scene) string {
	path := cmp.Or(in.Path, "{path}")
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
	}
	return ""
}

// placed fills in the host of an origin other than the API's.
func (in Fields) placed(text string, scene Scene) string {
	return strings.ReplaceAll(text, "{elsewhere}", scene.Elsewhere)
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
		if !strings.Contains("\n"+in.Headers, "\n"+field.Name+":") {
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
		fields = append(fields, Field{name, scene.signedAt(in.Age).Fill(value)})
	}
	if in.Unsigned {
		return fields
	}
	for value := range strings.SplitSeq(made.Signature, "\n") {
		fields = append(fields, Field{reference.HeaderSignature, strings.ReplaceAll(value, "{fold}", "\r\n ")})
	}
	return fields
}

// payload is the body before tampering, and its canonical form. Both are nil if
// there is no body.
func (in Fields) payload(kind Kind, scene Scene) (body, canonical []byte) {
	if in.Bodiless || kind == KindIntrospect || in.Tamper == CallOnlyInQuery {
		return nil, nil
	}
	if text, literal := literalBodies[in.Body]; literal {
		return []byte(text), CanonicalOf([]byte(text))
	}
	switch {
	case kind == KindOtherMethod && (in.Method == http.MethodHead || in.Method == http.MethodOptions):
		return nil, nil
	case kind == KindSync || kind == KindInBandSync:
		return in.Body.encode(in.Body.syncOf(in.syncURL(scene)))
	}
	return in.callBody(scene)
}

// Placeholders in cached bodies for what differs from call to call.
const (
	someNonce  = "00000000000000000000000000"
	someMillis = 1111111111111
)

// encodedBody is a body with its canonical form.
type encodedBody struct{ body, canonical []byte }

// callForm is what the body of a call depends on besides its nonce and time.
type callForm struct {
	event  string
	body   BodyForm
	size   int
	useAPI bool
}

// callBodies caches encoded calls: those of one form differ only in nonce and time.
var callBodies sync.Map

// callBody encodes a call for a scene.
func (in Fields) callBody(scene Scene) (body, canonical []byte) {
	kind := callForm{in.eventName(scene), in.Body, in.Size, in.UseAPI}
	cached, known := callBodies.Load(kind)
	if !known {
		var e encodedBody
		e.body, e.canonical = in.Body.encode(in.call(Scene{Nonce: someNonce, Now: time.UnixMilli(someMillis), Visibility: scene.Visibility}))
		e.body, e.canonical = filledUp(e.body, in.Size), filledUp(e.canonical, in.Size)
		if change, changes := changedCalls[in.Body]; changes {
			e.body = bytes.ReplaceAll(e.body, []byte(change[0]), []byte(change[1]))
			e.canonical = CanonicalOf(e.body)
		}
		cached, _ = callBodies.LoadOrStore(kind, e)
	}
	fill := func(text []byte) []byte {
		if scene.Run != "" {
			text = bytes.ReplaceAll(text, []byte(`"run_id":"`+someNonce), []byte(`"run_id":"`+scene.Run))
		}
		text = bytes.ReplaceAll(text, []byte(someNonce), []byte(scene.Nonce))
		text = bytes.ReplaceAll(text, []byte(jobOf(someNonce)), []byte(jobOf(scene.Nonce)))
		text = bytes.ReplaceAll(text, []byte(queueItemOf(someNonce)), []byte(queueItemOf(scene.Nonce)))
		return bytes.ReplaceAll(text, []byte(strconv.Itoa(someMillis)), []byte(strconv.FormatInt(scene.Now.UnixMilli(), 10)))
	}
	encoded := cached.(encodedBody)
	body = fill(encoded.body)
	if odd, is := oddCalls[in.Body]; is {
		made := []byte(odd(string(body)))
		if canonical := CanonicalOf(made); canonical != nil {
			return made, canonical
		}
		return made, body
	}
	if in.Body.isCanonical() {
		return body, body
	}
	return body, fill(encoded.canonical)
}

func (in Fields) syncURL(scene Scene) string {
	switch {
	case in.NamesURL != "":
		return in.placed(in.NamesURL, scene)
	case in.Body == ServerEncoded:
		return "http://" + scene.Host + scene.Path + "?a=1&b=<2>"
	}
	return "http://" + scene.Host + scene.Path
}

// call is the payload of a call, with all members that the server sends.
func (in Fields) call(scene Scene) map[string]any {
	data := map[string]any{"nonce": scene.Nonce, "pad": "a"}
	in.Body.addTo(data)
	if in.Body == Rich || in.Body == ServerEncoded {
		data["text"] = "é € 😀 & < > \u2028 \" \\ / \t \u0001"
		data["numbers"] = []any{0, -1, 0.1, 1e21, 1e-7, 123456789012, 5e-324, 1.7976931348623157e308}
		data["\u20ac"], data["\ufb33"], data["😀"] = nil, true, false
	}
	if in.Body == Large {
		data["filler"] = strings.Repeat("0123456789abcdef", (reference.MaxBody-64<<10)/16/2) // both event and events contain it
	}
	event := map[string]any{
		"id": scene.Nonce, "name": in.eventName(scene), "data": data, "ts": scene.Now.UnixMilli(), "user": map[string]any{},
	}
	run := map[string]any{
		"attempt": 0, "max_attempts": 4, "disable_immediate_execution": false, "env": "", "fn_id": functionUUID,
		"generation_id": 1, "job_id": jobOf(scene.Nonce), "qi_id": queueItemOf(scene.Nonce), "request_id": scene.Nonce,
		"run_id": scene.Nonce, "step_id": "step", "stack": map[string]any{"current": 0, "stack": []any{}}, "use_api": in.UseAPI,
	}
	return map[string]any{
		"ctx": run, "defers": map[string]any{}, "event": event, "events": []any{event}, "steps": map[string]any{},
		"use_api": in.UseAPI, "version": -1,
	}
}

// eventName is the event that triggers the called function. An SDK may check it.
func (in Fields) eventName(scene Scene) string {
	switch {
	case in.Event != "":
		return in.Event
	case scene.Visibility == ByCall:
		return InvokedEvent
	case in.Function == SendID, in.Function == StepID:
		return AppID + "/" + strings.TrimPrefix(in.Function, AppID+"-")
	}
	return EchoEvent
}

// encode encodes a value in a form, and in canonical form.
func (f BodyForm) encode(value any) (body, canonical []byte) {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("a payload can be encoded: " + err.Error())
	}
	canonical = CanonicalOf(encoded)
	switch f {
	case ServerEncoded:
		return encoded, canonical
	case Respaced:
		var spaced bytes.Buffer
		_ = json.Indent(&spaced, canonical, "", "  ") // valid JSON never fails
		return spaced.Bytes(), canonical
	case Reordered:
		return reversed(canonical), canonical
	}
	return canonical, canonical
}

func (f BodyForm) isCanonical() bool {
	return f == Canonical || f == Rich || f == Large || len(f.Kinds()) > 0
}

// CanonicalOf is the canonical form of a body, or nil if it has none.
func CanonicalOf(body []byte) []byte {
	canonical, err := reference.Canonicalise(body)
	if err != nil {
		return nil
	}
	return canonical
}

// reversed encodes an object with its members in reverse order.
func reversed(object []byte) []byte {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		panic("a payload is an object: " + err.Error())
	}
	names := []string{}
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	slices.Reverse(names)
	parts := []string{}
	for _, name := range names {
		parts = append(parts, strconv.Quote(name)+":"+string(members[name]))
	}
	return []byte("{" + strings.Join(parts, ",") + "}")
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

// Timestamp is the scene's time in unix seconds.
func (s Scene) Timestamp() string { return strconv.FormatInt(s.Now.Unix(), 10) }
